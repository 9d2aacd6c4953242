import { FlintError } from "../../foundation/errors.js";
import type { Properties } from "../runtime/lifecycle.js";
import { diskSchema, inputsSchema } from "./schema.js";

/** The generation in a `disk` as it is stored or declared; undefined where an older release stored none. */
export function generationOf(disk: unknown): number | undefined {
  return diskSchema.pick({ generation: true }).safeParse(disk).data?.generation;
}

/**
 * A stack file of before must not take a newer installation away.
 * @throws FlintError `NODE_GENERATION`.
 */
export function refuseLowerGeneration(olds: Properties, news: Properties): void {
  const [before, after] = [generationOf(olds.disk), generationOf(news.disk)];
  if (typeof before !== "number" || typeof after !== "number" || after >= before) return;
  throw new FlintError("NODE_GENERATION", {
    subject: `${String(news.name)}, generation`,
    expected: `${before}, which is installed, or a higher one`,
    found: String(after),
    remedy: `Write generation: ${before}; to install the machine anew, ${before + 1}. Nothing was changed.`,
  });
}

/** A failed update leaves another phase, but what was installed stays known. */
export function wasInstalled({ toplevel }: Properties): boolean {
  return typeof toplevel === "string" && toplevel !== "";
}

/**
 * An installed machine answers at its old address: at the new one it would only be waited for.
 * @throws FlintError `NODE_ADDRESS`.
 */
export function refuseOtherAddress(olds: Properties, news: Properties): void {
  const { name, addresses } = inputsSchema.shape;
  const [before, after] = [addresses.safeParse(olds.addresses), addresses.safeParse(news.addresses)];
  if (!before.success || !after.success || !wasInstalled(olds)) return;
  const network = (["provisioning", "cluster"] as const).find((each) => before.data[each] !== after.data[each]);
  if (network === undefined) return;
  throw otherAddress(name.safeParse(news.name).data ?? "a node", network, before.data[network], after.data[network]);
}

export function otherAddress(
  node: string,
  network: "provisioning" | "cluster",
  installed: string,
  declared: string,
): FlintError {
  return new FlintError("NODE_ADDRESS", {
    subject: `${node}, addresses.${network}`,
    expected: `${installed}, with which it was installed`,
    found: declared,
    remedy:
      "For another address raise the node's generation in the same edit: its members leave, and it is installed anew. Nothing was changed.",
  });
}
