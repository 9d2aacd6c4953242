import type { RaftClient } from "../../drivers/raft/driver.js";
import type { Observed } from "./step.js";

/** How long a member's own service may take to say how it is, when nobody leads. */
const CONDITION_MS = 5_000;

/**
 * One look at a raft group: its members as the leader tells them; without a leader, also what each known service says
 * of itself. Reads only.
 * @throws FlintError `RAFT_CERTIFICATE` or `RAFT_AUTH` when nobody answers and that is why.
 */
export async function observe(
  client: RaftClient,
  ids: readonly string[],
  deadlineMs: number,
  conditionMs: number = CONDITION_MS,
): Promise<Observed> {
  const membership = await client.members(deadlineMs);
  if (membership?.leader !== undefined) return { membership, services: {} };
  const services = await conditions(client, ids, conditionMs);
  return membership === undefined ? { services } : { membership, services };
}

/** What services say of themselves, all asked at once. */
export async function conditions(
  client: RaftClient,
  ids: readonly string[],
  deadlineMs: number = CONDITION_MS,
): Promise<Observed["services"]> {
  return Object.fromEntries(
    await Promise.all(ids.map(async (id) => [id, await client.condition(id, deadlineMs)] as const)),
  );
}
