import { z } from "zod";

const message = z.looseObject({ MessageId: z.string().optional(), Message: z.string().optional() });
const errorBody = z.looseObject({
  error: z.looseObject({
    code: z.string().optional(),
    message: z.string().optional(),
    "@Message.ExtendedInfo": z.union([z.array(message), message.transform((one) => [one])]).optional(),
  }),
});

/**
 * What a service says about a refusal (DSP0266, "Error responses"), on one line. The extended texts come first: the
 * outer message is often only "see ExtendedInfo".
 */
export function refusalText(status: number, body: unknown): string {
  const parsed = errorBody.safeParse(body);
  if (!parsed.success) return `HTTP ${status}`;
  const { error } = parsed.data;
  const extended = (error["@Message.ExtendedInfo"] ?? []).map((info) => info.Message ?? info.MessageId);
  const texts = [...new Set(extended.filter((text) => text !== undefined && text !== ""))];
  const said = texts.length > 0 ? texts.slice(0, 3).join(" ") : (error.message ?? error.code ?? "");
  return said === "" ? `HTTP ${status}` : `HTTP ${status}: ${said.replace(/\s+/g, " ").slice(0, 400)}`;
}

/** True when a refusal carries this key of the message registry, whatever the registry's version. */
export function hasMessage(body: unknown, key: string): boolean {
  const parsed = errorBody.safeParse(body);
  if (!parsed.success) return false;
  const { error } = parsed.data;
  const ids = [error.code, ...(error["@Message.ExtendedInfo"] ?? []).map((info) => info.MessageId)];
  return ids.some((id) => id === key || id?.endsWith(`.${key}`) === true);
}
