import { FlintError } from "../../foundation/errors.js";
import { DATA_KEY } from "./material.js";

/** The declared machine, as its refusals name it. */
interface Wish {
  node: string;
  address: string;
  cluster: string;
  mark: string;
}

/** What was seen of it, as far as they tell that. */
interface Seen {
  record: object | undefined;
  system: { state: string };
  power: string;
}

export function otherDiskKey(wish: Wish): FlintError {
  return new FlintError("DISK_KEY", {
    subject: `${wish.node}, disk.data.key`,
    expected: `the key that the data disk was encrypted with, as in ${DATA_KEY} on the node`,
    found: "another key in the stack file, or none on the node",
    remedy:
      "Put the old key back, on whichever side lacks it; for another key, raise the node's generation: it is installed anew. Nothing was changed.",
  });
}

export function otherInstallation(
  wish: Wish,
  system: { cluster: string | undefined; node: string | undefined },
): FlintError {
  return new FlintError("NODE_OTHER_INSTALLATION", {
    subject: `${wish.node} at ${wish.address}`,
    expected: `node ${wish.node} of cluster ${wish.cluster}`,
    found:
      system.node === undefined ? "a system that is not Flint's" : `node ${system.node} of cluster ${system.cluster}`,
    remedy: "Correct the address in the stack file, or switch that machine off. Nothing was changed.",
  });
}

export function otherGeneration(wish: Wish, mark: string): FlintError {
  return new FlintError("NODE_REINSTALL", {
    subject: wish.node,
    expected: `installation ${wish.mark}`,
    found: `installation ${mark}, finished`,
    remedy:
      "Another firmware or another set of disks takes a new installation: raise the node's generation. If that was raised, switch the machine off and run `pulumi up` again: one that runs is not installed over. Nothing was changed.",
  });
}

export function installedAlready(wish: Wish, seen: Seen): FlintError {
  const record =
    seen.record === undefined ? "no record of it is on the provisioning host" : "its record is an unfinished one";
  return new FlintError("NODE_REINSTALL", {
    subject: wish.node,
    expected: "the system that was installed earlier to answer, or its record",
    found: `ssh at ${wish.address} is ${seen.system.state}, power is ${seen.power}, and ${record}`,
    remedy: "Switch the machine on and see its console. To install it anew, raise its generation. Nothing was changed.",
  });
}

/** @param begunAs Another node as which the machine's installation was begun: what answers may be its installer. */
export function foreign(wish: Wish, begunAs?: string): FlintError {
  const again = `switch it off and run \`pulumi up\` again: a disk with this installation's mark is formatted then, any other content is refused.`;
  if (begunAs !== undefined)
    return new FlintError("NODE_FOREIGN", {
      subject: `${wish.node} at ${wish.address}`,
      expected: "no answer, or this cluster's own host key",
      found: `another one: ${begunAs}'s installer, as it seems, for the machine's installation was begun as ${begunAs}`,
      remedy: `Declare it as ${begunAs} again, to go on with that. To install it as ${wish.node}, ${again}`,
    });
  return new FlintError("NODE_FOREIGN", {
    subject: `${wish.node} at ${wish.address}`,
    expected: "no answer, or this cluster's own host key",
    found: "another operating system answers ssh there",
    remedy: `If the stack's state and the provisioning host were lost, leave it on and restore the state: it may be this very node. To install it anew, ${again}`,
  });
}

export function otherKeys(wish: Wish): FlintError {
  return new FlintError("NODE_KEYS", {
    subject: `${wish.node} at ${wish.address}`,
    expected: "this stack's host key",
    found: "another one, though this installation is on record as finished: the stack's state was lost",
    remedy:
      "Restore the state (`pulumi stack import`). To install the machine anew, raise its generation and switch it off. Nothing was changed.",
  });
}

export function loginRefused(wish: Wish): FlintError {
  return new FlintError("NODE_LOGIN", {
    subject: `${wish.node} at ${wish.address}`,
    expected: "to be let in with the cluster's login key",
    found: "this node's own host key, but the login was refused",
    remedy:
      "The stack's login key is not the installed one: restore the stack's state, or reinstall after releasing the disk.",
  });
}
