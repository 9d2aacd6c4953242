import { messageFrom } from "../../foundation/errors.js";
import { withBmc } from "./bmc.js";
import type { NodeContext } from "./context.js";
import type { NodeInputs, StoredNode } from "./schema.js";

/**
 * Takes back the boot source of a BMC that knows no one-time override. Where that fails the machine still boots: it goes on
 * asking the network first, and is told to start from its disk.
 */
export async function endOverride(node: NodeContext<StoredNode>, firmware: NodeInputs["firmware"]): Promise<void> {
  await withBmc(node, (bmc) => bmc.setBootOnce("none", firmware)).catch((error: unknown) => {
    node.signal.throwIfAborted();
    node.run.warn(`${node.want.name} goes on booting from the network first: ${messageFrom(error)}`);
  });
}
