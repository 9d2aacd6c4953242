import { openRaft } from "../../drivers/raft/client.js";
import type { Membership, RaftClient } from "../../drivers/raft/driver.js";
import { FlintError, isFlintError, messageFrom } from "../../foundation/errors.js";
import { waitUntil } from "../../foundation/wait.js";
import { inTurn } from "../runtime/fleet.js";
import { defineLifecycle, type Run } from "../runtime/lifecycle.js";
import { awaitDependents } from "./dependents.js";
import { planJoin, planLeave } from "./plan.js";
import { inputsSchema, type MemberInputs, type MemberOutputs } from "./schema.js";

/** A member that has just started takes its time; asking it again sooner only makes it slower. */
const LOOK_MS = 15_000;

const title = (service: string) => (service === "chainfire" ? "Chainfire" : "FlareDB");

function open(want: MemberInputs): RaftClient {
  const { cluster, service, endpoints: urls, ca, clientCert, clientKey } = want;
  return openRaft({ cluster, service, urls, ca, clientCert, clientKey });
}

/** Brings one member to voting: waits for its service, joins where it is missing, waits until it caught up. */
async function converge(want: MemberInputs, run: Run<MemberOutputs>): Promise<MemberOutputs> {
  const started = performance.now();
  const client = open(want);
  run.record({ voter: false, joinSeconds: 0 });
  try {
    await awaitService(want, client, run);
    await awaitVote(want, client, run);
    await verify(want, client, run);
    await awaitDependents(want, run);
    return { voter: true, joinSeconds: Math.round((performance.now() - started) / 100) / 10 };
  } finally {
    await client.close();
  }
}

async function awaitService(want: MemberInputs, client: RaftClient, run: Run<MemberOutputs>): Promise<void> {
  let last = "no answer";
  await waitUntil(
    async () => {
      run.say(`waiting for ${title(want.service)} (${last})`);
      const health = await client.health(want.node, LOOK_MS);
      last = health === undefined ? "no answer" : health ? "healthy" : "not healthy yet";
      return health === true || undefined;
    },
    {
      reason: `${title(want.service)} on ${want.node} to be healthy`,
      subject: `${want.node}, ${want.service}`,
      code: "SERVICE_UNHEALTHY",
      deadlineMs: want.deadlines.join * 1000,
      intervalMs: 500,
      maxIntervalMs: 2000,
      signal: run.signal,
      lastSeen: () => last,
      remedy: `See \`journalctl -u ${want.service} -u ${want.service}-cluster-join\` on ${want.node}.`,
    },
  );
}

async function awaitVote(want: MemberInputs, client: RaftClient, run: Run<MemberOutputs>): Promise<void> {
  let last = "nothing";
  await waitUntil(
    async () => {
      const step = planJoin(want, await client.members(LOOK_MS));
      last = step.reason;
      run.say(step.reason);
      if (step.do === "nothing") return true;
      if (step.do === "add") await join(want, client, run);
      return undefined;
    },
    {
      reason: `${want.node} to vote in ${title(want.service)}`,
      subject: `${want.node}, ${want.service}`,
      code: "JOIN_TIMEOUT",
      deadlineMs: want.deadlines.join * 1000,
      intervalMs: 500,
      maxIntervalMs: 2000,
      signal: run.signal,
      lastSeen: () => last,
      remedy: `See \`journalctl -u ${want.service}\` on ${want.node} and on the leader.`,
    },
  );
}

/** One change of members at a time. The node's own first-boot unit may have been quicker: then there is nothing to do. */
async function join(want: MemberInputs, client: RaftClient, run: Run<MemberOutputs>): Promise<void> {
  await inTurn(
    "membership",
    async () => {
      if (planJoin(want, await client.members(LOOK_MS)).do !== "add") return;
      run.say("joining");
      await client.add({ id: want.node, raft_addr: want.raftAddr }).catch((error) => {
        // Busy with another learner, or between two leaders: the next look decides.
        if (isFlintError(error, "MEMBER_ADDRESS_CONFLICT")) throw error;
        run.say(`joining: ${error instanceof Error ? error.message : String(error)}`);
      });
    },
    {
      scope: `${want.cluster} ${want.service}`,
      signal: run.signal,
      onWait: () => run.say("waiting for another change of members"),
    },
  );
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
      reason: `a value written to ${title(want.service)} to be read back on ${want.node}`,
      subject: `${want.node}, ${want.service}`,
      code: "MEMBER_NOT_SERVING",
      deadlineMs: want.deadlines.join * 1000,
      signal: run.signal,
      remedy: `See \`journalctl -u ${want.service}\` on ${want.node}.`,
    },
  );
  await client.deleteKey(key).catch(() => {});
}

/** Leaves cleanly: hands leadership over, is removed while the others keep their majority. */
async function remove(want: MemberInputs, run: Run<MemberOutputs>): Promise<void> {
  const client = open(want);
  try {
    await inTurn("membership", () => leave(want, client, run), {
      scope: `${want.cluster} ${want.service}`,
      signal: run.signal,
      onWait: () => run.say("waiting for another change of members"),
    });
  } finally {
    await client.close();
  }
}

async function leave(want: MemberInputs, client: RaftClient, run: Run<MemberOutputs>): Promise<void> {
  let transfer = true;
  let asked = false;
  let silences = 0;
  let last = "nothing";
  await waitUntil(
    async () => {
      const membership = await client.members(LOOK_MS);
      if (membership === undefined) {
        // The removal was accepted, and those who stay are none of the members known here: nothing more can be asked.
        if (asked) return ++silences >= 3;
        // It never voted, and nobody answers: there is nothing that it could be removed from.
        if (run.before?.voter !== true) return true;
        throw unreachable(want);
      }
      const step = planLeave(want, membership, { transfer });
      last = step.reason;
      if (step.do === "nothing") return !asked || membership.leader !== undefined;
      if (step.do === "transfer") {
        transfer = false;
        run.say(`handing leadership over to ${step.to}`);
        if (await client.transferLeader(step.to)) await awaitLeader(want, client, run);
        return undefined;
      }
      run.say("leaving the cluster");
      try {
        await client.remove(want.node);
        asked = true;
      } catch (error) {
        // Between two leaders, not yet sure of its members after the last change, or done without our hearing of it:
        // the next look decides, quorum and all.
        const passing = ["RAFT_BUSY", "RAFT_REDIRECTS", "RAFT_ANSWER_LOST"].some((code) => isFlintError(error, code));
        if (!passing) throw error;
        last = messageFrom(error);
        run.say(`leaving the cluster: ${last}`);
      }
      return undefined;
    },
    {
      reason: `${title(want.service)} to go on without ${want.node}`,
      subject: `${want.node}, ${want.service}`,
      code: "LEAVE_TIMEOUT",
      deadlineMs: want.deadlines.join * 1000,
      intervalMs: 500,
      maxIntervalMs: 2000,
      signal: run.signal,
      lastSeen: () => last,
      remedy: "See the leader's journal, then run the same command again.",
    },
  );
}

async function awaitLeader(want: MemberInputs, client: RaftClient, run: Run<MemberOutputs>): Promise<Membership> {
  return waitUntil(
    async () => {
      const now = await client.members(LOOK_MS);
      return now?.leader !== undefined && now.leader !== want.node ? now : undefined;
    },
    {
      reason: `another leader of ${title(want.service)} than ${want.node}`,
      subject: `${want.node}, ${want.service}`,
      code: "LEAVE_TIMEOUT",
      deadlineMs: 60_000,
      signal: run.signal,
      remedy: "See the members' journals, then run the same command again.",
    },
  );
}

function unreachable(want: MemberInputs): FlintError {
  return new FlintError("MEMBERS_UNREACHABLE", {
    subject: `${want.service} of cluster ${want.cluster}`,
    expected: "an answer from one of its members",
    found: `none from ${Object.values(want.endpoints).join(", ")}`,
    remedy: `Bring a member back; or, if the cluster is gone for good, forget this member with \`pulumi state delete\`.`,
  });
}

async function read(want: MemberInputs, run: Run<MemberOutputs>): Promise<MemberOutputs | undefined> {
  const client = open(want);
  try {
    const membership = await client.members(LOOK_MS);
    const before = { voter: false, joinSeconds: 0, ...run.before };
    if (membership?.leader === undefined) {
      run.warn(`${want.node}, ${want.service}: no member answers. The state is kept.`);
      return before;
    }
    const self = membership.members.find((member) => member.id === want.node);
    return self === undefined ? undefined : { ...before, voter: self.role !== "learner" };
  } finally {
    await client.close();
  }
}

export const lifecycle = defineLifecycle<MemberInputs, MemberOutputs>({
  type: "ChainfireMember",
  inputs: inputsSchema,
  stored: inputsSchema,
  shared: ["ca", "clientCert", "clientKey"],
  id: (want) => `${want.cluster}/${want.service}/${want.node}`,
  secrets: (want) => [want.clientKey],
  replaceOn: ["cluster", "service", "node", "raftAddr"],
  // Patience, and how the cluster was born, are no properties of a member that votes.
  ignore: ["deadlines", "bootstrap"],
  unfinished: (olds) => olds.voter !== undefined && !olds.voter,
  converge,
  read,
  remove,
});
