import type { NodeContext } from "../context.js";
import type { StoredNode } from "../schema.js";
import { type HostLogs, parseLogs, READ_LOGS } from "./parse-logs.js";

/** The boot servers' logs of one machine. @throws FlintError `SSH_COMMAND` when the host cannot be read. */
export async function readLogs(node: NodeContext<StoredNode>): Promise<HostLogs> {
  const { pxe, mac, addresses, name } = node.want;
  const host = await node.host();
  const { stdout } = await host.script(READ_LOGS, [pxe.root, mac, addresses.provisioning, name], {
    label: "reading the boot servers' logs",
    signal: node.signal,
  });
  return parseLogs(stdout) ?? { now: Date.now(), events: [] };
}
