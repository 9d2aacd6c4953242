import type { Member } from "../../drivers/raft/driver.js";
import { FlintError } from "../../foundation/errors.js";
import { listed, majorityOf } from "./quorum.js";
import type { Group } from "./step.js";

/** The cluster knows the id under another address, or the address under another id. */
export function addressConflict(group: Group, wish: { id: string; raftAddr: string }, found: Member): FlintError {
  const same = found.id === wish.id;
  return new FlintError("MEMBER_ADDRESS_CONFLICT", {
    subject: `${wish.id}, ${group.service}`,
    expected: `raft address ${wish.raftAddr}`,
    found: same
      ? `${found.raft_addr}, as the cluster knows it`
      : `that address is ${found.id}'s, as the cluster knows it`,
    remedy: same
      ? `Remove the old member ${wish.id} from the cluster, or declare its old address.`
      : `Remove the member ${found.id} from the cluster, or declare another address.`,
  });
}

/** Members are removed by id: with two of the same, nobody knows which one would go. */
export function duplicate(group: Group, id: string, rows: readonly Member[], declared?: string): FlintError {
  return new FlintError("MEMBER_DUPLICATE", {
    subject: `${id}, ${group.service}`,
    expected: "one member of that id",
    found: `${rows.length}, at ${rows.map((row) => row.raft_addr).join(" and ")}`,
    remedy: `${tellApart(id, declared)} Nothing was changed.`,
  });
}

/** What to do about two machines of one name. `declared`: the raft address of the right one, where it is known. */
export function tellApart(id: string, declared?: string): string {
  const right = declared === undefined ? "" : ` (which is at ${declared})`;
  return (
    `Two machines claim to be ${id}. On the one that is not${right}, correct \`node_id\` in ` +
    "/etc/nixos/secrets/cluster-config.json and restart chainfire and flaredb; if it is gone, remove it with the service's " +
    "own tool by its raft id, not by its name, which both have."
  );
}

/** What a removal would leave could not decide: before it, or afterwards. */
export function atRisk(
  group: Group,
  id: string,
  numbers: { voters: number; healthyNow: number; healthyOthers: readonly string[] },
): FlintError {
  const { voters, healthyNow, healthyOthers } = numbers;
  return new FlintError("QUORUM_AT_RISK", {
    subject: `${id}, ${group.service}`,
    expected:
      `${majorityOf(voters)} of ${voters} healthy voters to remove it, ` +
      `and ${majorityOf(voters - 1)} of ${voters - 1} afterwards`,
    found: `${healthyNow} healthy now, ${healthyOthers.length} without it (${listed(healthyOthers)})`,
    remedy: "Bring the other members back first, then run `pulumi up` again. Nothing was removed.",
  });
}

/** Too few answer to decide anything. Says who is missing, and how many of them are enough. */
export function quorumLost(group: Group, known: readonly string[], answering: readonly string[]): FlintError {
  const majority = majorityOf(known.length);
  const missing = known.filter((id) => !answering.includes(id));
  const needed = majority - answering.length;
  const all = needed === missing.length;
  const enough = all ? "" : `: ${needed} of them ${needed === 1 ? "is" : "are"} enough`;
  const survivors =
    answering.length === 0 ? "" : ` (${answering.join(", ")} still ${verb(answering, "has", "have")} the data)`;
  return new FlintError("QUORUM_LOST", {
    subject: `${group.service} of cluster ${group.cluster}`,
    expected: `${majority} of ${known.length} members to answer (${listed(known)})`,
    found: `${answering.length} (${listed(answering)})`,
    remedy:
      `Bring back ${missing.join(all ? " and " : " or ")}${enough}. Nothing was changed. ` +
      `If they are gone for good, restore as described in docs/quorum-lost.md${survivors}.`,
  });
}

function verb(ids: readonly string[], one: string, several: string): string {
  return ids.length === 1 ? one : several;
}
