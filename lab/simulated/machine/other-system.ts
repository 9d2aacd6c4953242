import { makeKeyPair } from "../../../drivers/ssh/key-pair.js";
import { type Machine, newBootId, type Running } from "./machine.js";
import { openSsh } from "./sshd.js";

/** An operating system of somebody else has started: its sshd lets nobody in. */
export async function startOtherSystem(machine: Machine): Promise<Running> {
  const address = machine.description.addresses.provisioning;
  const sshd = await openSsh(machine, { scripts: [], programs: {} }, machine, {
    address,
    hostKey: makeKeyPair("another system").privateKey,
    authorizedKeys: () => [],
  });
  machine.tell("other-system-up");
  return { kind: "other", address, bootId: newBootId(), commandLine: "", stop: () => sshd.stop() };
}
