import { connect } from "node:net";
import { FlintError } from "../../foundation/errors.js";
import { type ControlAnswer, type ControlRequest, controlAnswer } from "./control-protocol.js";
import { firstLine } from "./control-server.js";
import { type Layout, rackCommand, socketPath } from "./layout.js";

/**
 * Asks the rack's daemon.
 * @throws FlintError RACK_NOT_UP when there is none, RACK_REFUSED with the daemon's reason.
 */
export async function askDaemon(layout: Layout, request: ControlRequest): Promise<ControlAnswer & { ok: true }> {
  const socket = connect(socketPath(layout.control));
  try {
    await new Promise<void>((resolve, reject) => {
      socket.once("connect", resolve);
      socket.once("error", reject);
    });
  } catch (cause) {
    throw new FlintError("RACK_NOT_UP", {
      subject: `rack ${layout.rack}`,
      expected: "a daemon that answers",
      found: "none",
      remedy: `Bring it up with ${rackCommand(layout, "up")}; that also repairs a rack of which parts have stopped.`,
      cause,
    });
  }
  socket.write(`${JSON.stringify(request)}\n`);
  const line = await firstLine(socket);
  socket.destroy();
  const answer: ControlAnswer =
    line === "" ? { ok: false, error: `no answer; read ${layout.daemonLog}` } : controlAnswer.parse(JSON.parse(line));
  if (answer.ok) return answer;
  throw new FlintError("RACK_REFUSED", {
    subject: `rack ${layout.rack}`,
    found: answer.error,
    remedy: `${rackCommand(layout, "status")} shows its machines.`,
  });
}
