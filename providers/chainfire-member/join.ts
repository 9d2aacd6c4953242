import type { Condition, RaftClient } from "../../drivers/raft/driver.js";
import { type FlintError, isFlintError, messageFrom } from "../../foundation/errors.js";
import { waitUntil } from "../../foundation/wait.js";
import { noLongerAway } from "../membership/away.js";
import { conditions } from "../membership/observe.js";
import { plan } from "../membership/plan.js";
import { isHealthy, titleOf, votersOf } from "../membership/quorum.js";
import type { Observed, Step } from "../membership/step.js";
import { inTurn } from "../runtime/fleet.js";
import type { Run } from "../runtime/lifecycle.js";
import { stillAlone } from "../runtime/lock/cluster-lock.js";
import { waitingForOthers } from "../runtime/standstill.js";
import { awaitServices } from "../service-health.js";
import { LOOK_MS, toVote, turnOf, withClient } from "./access.js";
import type { MemberInputs, MemberOutputs } from "./schema.js";
import { serviceRemedy } from "./service-remedy.js";

/** Brings one member to voting: waits for its service, joins where it is missing, waits until it caught up. */
export async function join(want: MemberInputs, run: Run<MemberOutputs>): Promise<MemberOutputs> {
  const started = performance.now();
  // How long it took the last time stays: what has voted once is known by it.
  run.record({ voter: false, joinSeconds: run.before?.joinSeconds ?? 0 });
  return withClient(want, async (client) => {
    const own = await waitingForOthers(() => awaitService(want, client, run));
    await awaitVote(want, client, run, own);
    await verify(want, client, run);
    await awaitServices(
      { node: want.node, urls: want.dependents, ca: want.ca, deadlineMs: want.deadlines.join * 1000 },
      run,
    );
    return { voter: true, joinSeconds: Math.max(1, Math.round((performance.now() - started) / 100)) / 10 };
  }).finally(() => noLongerAway(want.cluster, want.service, want.node));
}

const NO_LEADER = "not healthy yet, no leader";
const LAST_SEEN: Partial<Record<Condition, string>> = {
  silent: "no answer",
  "no-leader": NO_LEADER,
  unhealthy: "not healthy yet",
};

/** A service that was removed from its cluster is not healthy before it is added again: it is ready all the same. */
async function awaitService(want: MemberInputs, client: RaftClient, run: Run<MemberOutputs>): Promise<Condition> {
  const title = titleOf(want.service);
  let last = "no answer";
  return waitUntil(
    async () => {
      run.say(`waiting for ${title} (${last})`);
      const condition = await client.condition(want.node, LOOK_MS);
      // The whole error: which certificate, and why it does not verify.
      if (condition === "untrusted") await client.health(want.node, LOOK_MS);
      last = LAST_SEEN[condition] ?? condition;
      return ["healthy", "waiting", "data-lost", "removed"].includes(condition) ? condition : undefined;
    },
    {
      reason: `${title} on ${want.node} to be healthy`,
      subject: `${want.node}, ${want.service}`,
      code: "SERVICE_UNHEALTHY",
      deadlineMs: want.deadlines.join * 1000,
      intervalMs: 500,
      maxIntervalMs: 2000,
      signal: run.signal,
      lastSeen: () => last,
      remedy: () => serviceRemedy(want, last !== NO_LEADER),
    },
  );
}

/**
 * Until the member votes. Where that takes a change of members, the member keeps its turn until it votes: the next one
 * joins when this one has caught up. The node's own first-boot unit may be quicker: then there is nothing to change.
 */
async function awaitVote(
  want: MemberInputs,
  client: RaftClient,
  run: Run<MemberOutputs>,
  own: Condition,
): Promise<void> {
  const found = await follow(want, client, run, { own, mayChange: false });
  if (found === "votes") return;
  await inTurn("membership", () => follow(want, client, run, { own, mayChange: true }), {
    scope: turnOf(want),
    signal: run.signal,
    onWait: () => run.say("waiting for another change of members"),
  });
}

/** Looks, plans, does the first step, and looks again. */
async function follow(
  want: MemberInputs,
  client: RaftClient,
  run: Run<MemberOutputs>,
  { own, mayChange }: { own: Condition; mayChange: boolean },
): Promise<"votes" | "needs a change"> {
  let looks = 0;
  let last = "nothing";
  let refused: FlintError | undefined;
  let unchanged: string | undefined;
  let ill: string[] = [];
  return waitUntil(
    async () => {
      const thorough = ++looks % THOROUGH_EVERY === 0 || (looks === 1 && own === "data-lost");
      const seen = await look(want, client, { own, thorough });
      ill = otherIll(seen, want.node);
      const planned = plan(seen, toVote(want));
      if ("refused" in planned) {
        // Machines that boot together do not answer together.
        if (planned.refused.code !== "QUORUM_LOST") throw planned.refused;
        refused = planned.refused;
        last = refused.found ?? refused.message;
        run.say(`too few members answer: ${last}`);
        return undefined;
      }
      refused = undefined;
      const [step] = planned.steps;
      if (step === undefined) return "votes";
      last = step.reason;
      run.say(step.reason);
      const changes = step.do === "add" || step.do === "remove";
      if (changes && !mayChange) return "needs a change";
      if (changes) {
        await stillAlone(want.cluster);
        unchanged = await change(step, client, run);
        last = unchanged ?? last;
      }
      return undefined;
    },
    {
      reason: `${want.node} to vote in ${titleOf(want.service)}`,
      subject: `${want.node}, ${want.service}`,
      code: "JOIN_TIMEOUT",
      deadlineMs: want.deadlines.join * 1000,
      intervalMs: 500,
      maxIntervalMs: 2000,
      signal: run.signal,
      lastSeen: () => last,
      remedy: () => refused?.remedy ?? joinRemedy(want, unchanged === undefined ? [] : ill),
    },
  );
}

function otherIll({ membership }: Observed, node: string): string[] {
  if (membership === undefined) return [];
  return votersOf(membership).flatMap((voter) => (isHealthy(voter) || voter.id === node ? [] : [voter.id]));
}

/** With a voter down, one more would make it likelier that too few are up: a raft service then takes nobody. */
function joinRemedy({ node, service }: MemberInputs, ill: readonly string[]): string {
  if (ill.length === 0) return `See \`journalctl -u ${service}\` on ${node} and on the leader.`;
  const [who, it] = ill.length === 1 ? [`the voter ${ill[0]} is`, "it"] : [`the voters ${ill.join(", ")} are`, "them"];
  return `Nobody is added while ${who} not healthy: mend ${it} or take ${it} out, then run \`pulumi up\` again.`;
}

/** Members that start are busy enough: only every fifth look asks more than who leads. */
const THOROUGH_EVERY = 5;

/**
 * Who leads, and who is in. A thorough look asks also who answers when nobody leads, and a listed member that is not
 * healthy how it is: its data may be gone.
 */
async function look(
  want: MemberInputs,
  client: RaftClient,
  { own, thorough }: { own: Condition; thorough: boolean },
): Promise<Observed> {
  const membership = await client.members(LOOK_MS);
  const self = membership?.members.find((member) => member.id === want.node);
  if (membership?.leader === undefined) {
    const services = thorough ? await conditions(client, Object.keys(want.endpoints)) : {};
    return membership === undefined ? { services } : { membership, services };
  }
  if (self === undefined) return { membership, services: { [want.node]: own } };
  const ask = thorough && self.healthy === false;
  return { membership, services: ask ? await conditions(client, [want.node], LOOK_MS) : {} };
}

/**
 * One change of members. Its answer may be lost, or the cluster busy: the next look decides, so nothing is done twice.
 * Answers why it was not done, as far as it is known.
 */
async function change(
  step: Extract<Step, { do: "add" | "remove" }>,
  client: RaftClient,
  run: Run<MemberOutputs>,
): Promise<string | undefined> {
  const doing = step.do === "add" ? "joining" : "removing its old identity";
  run.say(doing);
  try {
    if (step.do === "add") await client.add({ id: step.id, raft_addr: step.raftAddr });
    else await client.remove(step.id);
  } catch (error) {
    if (isFlintError(error, "MEMBER_ADDRESS_CONFLICT")) throw error;
    const why = isFlintError(error) && error.found !== undefined ? error.found : messageFrom(error);
    run.say(`${doing}: ${why}`);
    return `${doing}: ${why}`;
  }
  return undefined;
}

/** A member that votes must also serve: a value written through the cluster is read back from this very member. */
async function verify(want: MemberInputs, client: RaftClient, run: Run<MemberOutputs>): Promise<void> {
  const key = `flint/check/${want.node}`;
  const value = new Date().toISOString();
  run.say("writing and reading back");
  await waitUntil(
    async () => {
      try {
        await client.put(key, value);
        return (await client.get(key, want.node)) === value || undefined;
      } catch {
        run.signal.throwIfAborted();
        return undefined;
      }
    },
    {
      reason: `a value written to ${titleOf(want.service)} to be read back on ${want.node}`,
      subject: `${want.node}, ${want.service}`,
      code: "MEMBER_NOT_SERVING",
      deadlineMs: want.deadlines.join * 1000,
      signal: run.signal,
      remedy: `See \`journalctl -u ${want.service}\` on ${want.node}.`,
    },
  );
  await client.deleteKey(key).catch(() => {});
}
