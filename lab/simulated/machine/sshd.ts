import { type RunningSshd, type SshOptions, startSshd } from "../ssh/server.js";
import { type Commands, NOT_FOUND, runCommand } from "../ssh/shell.js";
import { spend } from "./faults.js";
import type { Machine } from "./machine.js";

/** What nixos-anywhere and nix meet where a machine's sshd lets nobody in. */
export function requireSsh(machine: Machine): void {
  if (machine.refuses) throw new Error(`ssh: connect to host ${machine.running?.address} port 22: Connection refused`);
}

/** A machine's sshd: with its faults, the time that its commands take, and a note of each command that nobody knows. */
export async function openSsh<M>(
  machine: Machine,
  commands: Commands<M>,
  system: M,
  options: Pick<SshOptions, "address" | "hostKey" | "authorizedKeys">,
): Promise<RunningSshd> {
  const sshd = await startSshd({
    ...options,
    onCommand: (line) => machine.around.ledger.started(machine.name, line),
    fault() {
      if (spend(machine.faults, "sshResets")) return "reset";
      if (spend(machine.faults, "sshHangs")) return "hang";
      return spend(machine.faults, "sshHalves") ? "half" : undefined;
    },
    async run(call) {
      await machine.takes("machineCommand", call.signal);
      const answer = await runCommand(commands, system, call);
      if (answer.code === NOT_FOUND) machine.around.ledger.violate(machine.name, (answer.stderr ?? "").trim());
      return answer;
    },
  });
  machine.serve(sshd);
  return sshd;
}
