import { connect } from "node:net";
import { FlintError, messageFrom } from "../../foundation/errors.js";
import { withDeadline } from "../../foundation/wait.js";

const DEADLINE_MS = 5_000;

/**
 * Resolves when something accepts a TCP connection where ssh is expected. Asked because @pulumi/command's own error ("Connection lost before handshake") names neither the setting nor a remedy.
 * @throws FlintError `PXE_HOST_UNREACHABLE` after 5 s at most.
 */
export async function hostAnswers(host: string, port: number, setting: string): Promise<void> {
  const subject = `preparation: provisioning host ${host} (${setting})`;
  const expected = `ssh to answer on port ${port}`;
  const remedy =
    "Switch it on, or correct the address; `ssh-keyscan` from here must show its key. Then run `pulumi up` again.";
  try {
    await withDeadline((signal) => connected(host, port, signal), {
      reason: "an answer",
      deadlineMs: DEADLINE_MS,
      remedy,
    });
  } catch (cause) {
    const silent = cause instanceof FlintError;
    const found = silent ? `no answer within ${DEADLINE_MS / 1000} s` : messageFrom(cause);
    throw new FlintError("PXE_HOST_UNREACHABLE", { subject, expected, found, remedy, cause });
  }
}

function connected(host: string, port: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, signal });
    socket.once("error", reject);
    socket.once("connect", () => {
      socket.destroy();
      resolve();
    });
  });
}
