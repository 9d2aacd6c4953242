import { messageFrom } from "../../foundation/errors.js";
import { withBmc } from "./bmc.js";
import type { NodeContext } from "./context.js";
import type { NodeRecord } from "./record.js";
import type { StoredNode } from "./schema.js";

/**
 * Takes back the boot source of a BMC that knows no one-time override. Where that fails the machine still boots: it goes on
 * asking the network first, and is told to start from its disk.
 * @returns the record, which says from before the machine is switched on that this has to be done, and until it is.
 */
export async function endOverride(node: NodeContext<StoredNode>, record: NodeRecord): Promise<NodeRecord> {
  const { lasting, ...ended } = record;
  if (lasting !== true) return record;
  try {
    // The mode stays as it is, whichever is named: a machine that is removed has none in its state.
    await withBmc(node, (bmc) => bmc.setBootOnce("none", "uefi"));
    return ended;
  } catch (error) {
    node.signal.throwIfAborted();
    node.run.warn(`${node.want.name} goes on booting from the network first: ${messageFrom(error)}`);
    return record;
  }
}
