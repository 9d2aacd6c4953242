import { z } from "zod";
import { wordsOf } from "./registry.js";

const text = z.string().nullish().catch(undefined);

/** Message (DSP0268). HPE sends ids and arguments only, and leaves the text to the registry. */
export const message = z.looseObject({
  MessageId: text,
  Message: text,
  MessageArgs: z.array(z.unknown()).nullish().catch(undefined),
  Resolution: text,
});
export type Message = z.infer<typeof message>;

const errorBody = z.looseObject({
  error: z.looseObject({
    code: z.string().optional(),
    message: z.string().optional(),
    "@Message.ExtendedInfo": z.union([z.array(message), message.transform((one) => [one])]).optional(),
  }),
});

/** Advice that says nothing, or is for programs: "remove the property from the request body and resubmit the request". */
const NO_ADVICE = /^none\.?$|resubmit/i;

/** One message for people; empty when it says nothing. */
export function textOfMessage({ MessageId, Message, MessageArgs, Resolution }: Message): string {
  const id = MessageId?.trim() ?? "";
  const args = (MessageArgs ?? []).map((each) => String(each)).filter((each) => each !== "");
  const spoken = id === "" ? "" : `${wordsOf(id)}${args.length === 0 ? "" : `: ${args.join(", ")}`}.`;
  const said = Message?.trim() || spoken;
  const advice = Resolution?.trim() ?? "";
  if (said === "" || advice === "" || NO_ADVICE.test(advice)) return said;
  return `${said}${/[.!?]$/.test(said) ? "" : "."} ${advice}`;
}

/**
 * What a service says about a refusal (DSP0266, "Error responses"), on one line. The extended texts come first: the
 * outer message is often only "see ExtendedInfo".
 */
export function refusalText(status: number, body: unknown): string {
  const parsed = errorBody.safeParse(body);
  if (!parsed.success) return `HTTP ${status}`;
  const { error } = parsed.data;
  const extended = (error["@Message.ExtendedInfo"] ?? []).map(textOfMessage);
  const texts = [...new Set(extended.filter((each) => each !== ""))];
  const outer = textOfMessage({ MessageId: error.code, Message: error.message });
  const said = texts.length > 0 ? texts.slice(0, 3).join(" ") : outer;
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
