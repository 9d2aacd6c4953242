import type { RaftClient } from "../../drivers/raft/driver.js";
import { FlintError, isFlintError, messageFrom } from "../../foundation/errors.js";
import { waitUntil } from "../../foundation/wait.js";
import { declaredGone, notGone } from "../gone.js";
import { hasLeft } from "../membership/away.js";
import { observe } from "../membership/observe.js";
import { plan } from "../membership/plan.js";
import { titleOf } from "../membership/quorum.js";
import { isResumed } from "../membership/replaced.js";
import type { Observed, Step } from "../membership/step.js";
import { inTurn } from "../runtime/fleet.js";
import type { Run } from "../runtime/lifecycle.js";
import { stillAlone } from "../runtime/lock/cluster-lock.js";
import { isSilence, LOOK_MS, toLeave, turnOf, withClient } from "./access.js";
import type { MemberInputs, MemberOutputs } from "./schema.js";

/** A member that restarts is back within this time; who is refused for its sake is refused after it. */
const REFUSAL_MS = 10_000;
/** A service may fail at a request that it takes a moment later; whoever says no this often means it. */
const REFUSALS = 3;
/** An election, and a restart of the machine that led, are over after this time. */
const LOST_MS = 60_000;

/**
 * Leaves cleanly: hands leadership over, is removed while the others keep their majority. Nothing is done where a run that was
 * killed has done it: a member of this name is then the new one, which joined when its machine booted.
 */
export async function leave(want: MemberInputs, run: Run<MemberOutputs>): Promise<void> {
  if (!isResumed(want.cluster, want.node)) await takeOut(want, run);
  hasLeft(want.cluster, want.service, want.node);
}

async function takeOut(want: MemberInputs, run: Run<MemberOutputs>): Promise<void> {
  await withClient(want, (client) =>
    inTurn("membership", () => new Leaving(want, client, run).toTheEnd(), {
      scope: turnOf(want),
      signal: run.signal,
      onWait: () => run.say("waiting for another change of members"),
    }),
  );
}

/** What was tried already while one member leaves. */
class Leaving {
  private transfer = true;
  private asked = false;
  private silences = 0;
  private refusals = 0;
  private refusedSince: number | undefined;
  private last = "nothing";

  constructor(
    private readonly want: MemberInputs,
    private readonly client: RaftClient,
    private readonly run: Run<MemberOutputs>,
  ) {}

  async toTheEnd(): Promise<void> {
    const { want, run } = this;
    await waitUntil(() => this.look(), {
      reason: `${titleOf(want.service)} to go on without ${want.node}`,
      subject: `${want.node}, ${want.service}`,
      code: "LEAVE_TIMEOUT",
      deadlineMs: want.deadlines.join * 1000,
      intervalMs: 500,
      maxIntervalMs: 2000,
      signal: run.signal,
      lastSeen: () => this.last,
      remedy: "See the leader's journal, then run the same command again.",
    });
  }

  /** Looks, and does the next step; true when nothing is left to do. */
  private async look(): Promise<boolean> {
    const seen = await observe(this.client, Object.keys(this.want.endpoints), LOOK_MS);
    // The removal was accepted, and those who stay are none of the members known here: nothing more can be asked.
    if (this.asked && seen.membership === undefined)
      return seen.services[this.want.node] === "removed" || ++this.silences >= 3;
    if (!isSilence(seen)) this.silences = 0;
    else {
      // It never voted, and nobody answers: there is nothing that it could be removed from.
      if (this.run.before?.voter !== true) return true;
      if (++this.silences < 2) return false;
      throw unreachable(this.want);
    }
    // Before anything is done to the others for the sake of it.
    if (!this.asked && declaredGone(this.want.node) && answers(seen, this.want.node))
      throw notGone(this.want.node, `${this.want.service} on ${this.want.node} answers`);
    const planned = plan(seen, toLeave(this.want, this.transfer));
    if ("refused" in planned) {
      this.refuse(planned.refused);
      return false;
    }
    this.refusedSince = undefined;
    const [step] = planned.steps;
    this.last = step?.reason ?? "it is no member";
    if (step === undefined) return !this.asked || seen.membership?.leader !== undefined;
    await stillAlone(this.want.cluster);
    await this.perform(step);
    return false;
  }

  /** What passes by itself is waited for, a little; nothing is done meanwhile. */
  private refuse(error: FlintError): void {
    const now = performance.now();
    this.refusedSince ??= now;
    this.last = error.found ?? error.message;
    const patience = error.code === "QUORUM_LOST" ? LOST_MS : error.code === "QUORUM_AT_RISK" ? REFUSAL_MS : 0;
    if (now - this.refusedSince >= Math.min(patience, this.want.deadlines.join * 500)) throw error;
    this.run.say(`not yet: ${this.last}`);
  }

  private async perform(step: Step): Promise<void> {
    try {
      if (step.do === "transfer") await this.handOver(step.to);
      if (step.do === "remove") {
        this.run.say("leaving the cluster");
        await this.client.remove(step.id);
        this.asked = true;
      }
    } catch (error) {
      // Between two leaders, not yet sure of its members after the last change, or done without our hearing of it:
      // the next look decides, quorum and all.
      const passing = ["RAFT_BUSY", "RAFT_REDIRECTS", "RAFT_ANSWER_LOST", "RAFT_UNREACHABLE"];
      const again = isFlintError(error, "RAFT_REFUSED") && ++this.refusals < REFUSALS;
      if (!again && !passing.some((code) => isFlintError(error, code))) throw error;
      this.last = messageFrom(error);
      this.run.say(`leaving the cluster: ${this.last}`);
    }
  }

  /** Tried once: a service that cannot hand over elects a new leader when it loses the old one. */
  private async handOver(to: string): Promise<void> {
    const { want, client, run } = this;
    this.transfer = false;
    run.say(`handing leadership over to ${to}`);
    if (!(await client.transferLeader(to))) return;
    await waitUntil(
      async () => {
        const now = await client.members(LOOK_MS);
        return now?.leader !== undefined && now.leader !== want.node;
      },
      {
        reason: `another leader of ${titleOf(want.service)} than ${want.node}`,
        subject: `${want.node}, ${want.service}`,
        code: "LEAVE_TIMEOUT",
        deadlineMs: LOST_MS,
        signal: run.signal,
        remedy: "See the members' journals, then run the same command again.",
      },
    );
  }
}

/** The leader hears it; or, where nobody leads, it was heard here. Another machine may answer at its address. */
function answers({ membership, services }: Observed, node: string): boolean {
  if (membership?.members.some(({ id, healthy }) => id === node && healthy === true)) return true;
  return !["silent", "untrusted"].includes(services[node] ?? "silent");
}

function unreachable(want: MemberInputs): FlintError {
  return new FlintError("MEMBERS_UNREACHABLE", {
    subject: `${want.service} of cluster ${want.cluster}`,
    expected: "an answer from one of its members",
    found: `none from ${Object.values(want.endpoints).join(", ")}`,
    remedy: `Bring a member back; or, if the cluster is gone for good, forget this member with \`pulumi state delete\`.`,
  });
}
