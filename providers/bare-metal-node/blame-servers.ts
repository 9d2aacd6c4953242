import { FlintError, isFlintError } from "../../foundation/errors.js";
import { startBootServers } from "./boot-servers.js";
import type { NodeContext } from "./context.js";
import type { StoredNode } from "./schema.js";
import { LOOK_MS } from "./wire/closer-look.js";

const SILENT = ["SSH_UNREACHABLE", "SSH_CONNECTION_LOST", "SSH_DEADLINE"];

/**
 * Servers that ended meanwhile, or a host that went away, explain a machine that did not come. Servers that do not run are started.
 * @param error `BOOT_TIMEOUT` with what is known of the machine.
 * @returns the same with what is wrong with the host, and what to do about that; `error` itself where nothing is.
 */
export async function blameServers(node: NodeContext<StoredNode>, error: FlintError): Promise<FlintError> {
  const { name } = node.want.host;
  const blame = (found: string, remedy: string) =>
    new FlintError("BOOT_TIMEOUT", {
      subject: error.subject,
      expected: error.expected,
      found: `${error.found}; ${found}`,
      remedy,
      cause: error,
    });
  try {
    const started = await startBootServers(node, LOOK_MS);
    if (started.length === 0) return error;
    return blame(
      `${started.join(" and ")} did not run on ${name}`,
      "They were started again: see their journal there for why they ended, then run `pulumi up` again.",
    );
  } catch (reason) {
    node.signal.throwIfAborted();
    if (!isFlintError(reason)) throw reason;
    const { code, found, remedy } = reason;
    if (code === "PXE_SERVICE")
      return blame(
        `the boot servers on ${name} do not start (${found})`,
        "Run `pulumi refresh`, then `pulumi up`: it sets them up again.",
      );
    const how = SILENT.includes(code) ? "does not answer ssh" : "lets nobody ask it";
    return blame(`${name} ${how} (${found})`, `${remedy} Machines boot from it.`);
  }
}
