import { lifecycle } from "../../providers/chainfire-member/lifecycle.js";
import { plan } from "../../providers/membership/plan.js";
import type { Observed } from "../../providers/membership/step.js";
import { longestGap } from "../longest-gap.js";
import { timed } from "../measured-job.js";
import { MemberCluster } from "../member-cluster.js";
import { bounded, type Measurement, median, type Row, recorded } from "../row.js";

const ROUNDS = 3;
const SIZES = [5, 50, 500];

/** Joining against the service's own pace, availability while members change, and the planner's time. */
export const measurement: Measurement = {
  names: ["join.ratio", "availability.gap-ratio", ...SIZES.map((size) => `plan.ms-${size}`)],
  async measure() {
    const cluster = await MemberCluster.up();
    try {
      return [await joinRatio(cluster), await gapRatio(cluster), ...SIZES.map(planTime)];
    } finally {
      await cluster.destroy();
    }
  },
};

/** Adding a member whose service waits, by ChainfireMember and by the service's API alone, in turns. */
async function joinRatio(cluster: MemberCluster): Promise<Row> {
  const byFlint: number[] = [];
  const byHand: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    byFlint.push(await timed(() => lifecycle.create({ ...cluster.inputs(cluster.fourth) })));
    await leave(cluster, "node04");
    await cluster.renewFourth();
    byHand.push(await timed(() => cluster.addFourthByHand()));
    await leave(cluster, "node04");
    await cluster.renewFourth();
  }
  return bounded("join.ratio", median(byFlint) / median(byHand), "×", 1.5, [...byFlint, ...byHand]);
}

/** The longest gap a writing client sees while members change, against that of a leader that is killed. */
async function gapRatio(cluster: MemberCluster): Promise<Row> {
  const client = cluster.client();
  const elections: number[] = [];
  const changes: number[] = [];
  try {
    for (let round = 0; round < ROUNDS; round++) {
      const killed = await cluster.leader();
      elections.push(
        await longestGap(client, async () => {
          await killed.stop("SIGKILL");
          await new Promise((later) => setTimeout(later, 4000));
        }),
      );
      killed.start("chainfire");
      await cluster.voting(killed);

      changes.push(await longestGap(client, () => lifecycle.create({ ...cluster.inputs(cluster.fourth) })));
      const leader = await cluster.leader();
      changes.push(await longestGap(client, () => leave(cluster, leader.id)));
      await leader.stop("SIGKILL");
      leader.wipe("chainfire");
      leader.start("chainfire");
      changes.push(await longestGap(client, () => lifecycle.create({ ...cluster.inputs(leader) })));
      if (leader !== cluster.fourth) await leave(cluster, "node04");
      await cluster.renewFourth();
    }
  } finally {
    await client.close();
  }
  const ratio = Math.max(...changes) / median(elections);
  return bounded("availability.gap-ratio", ratio, "×", 1.2, [...elections, ...changes]);
}

function leave(cluster: MemberCluster, id: string): Promise<unknown> {
  const node = [...cluster.voters, cluster.fourth].find((each) => each.id === id) ?? cluster.fourth;
  return lifecycle.delete(`test/chainfire/${id}`, { ...cluster.inputs(node), voter: true, joinSeconds: 1 });
}

/** One look and one plan, with a member that joins and one that leaves. */
function planTime(size: number): Row {
  const members = Array.from({ length: size }, (_, i) => ({
    id: `node${i}`,
    raft_addr: `10.1.${i >> 8}.${i & 255}:2380`,
    role: i === 0 ? ("leader" as const) : ("follower" as const),
    healthy: true,
  }));
  const seen: Observed = { membership: { leader: "node0", term: 7, commit_index: 1, members }, services: {} };
  const join = [{ id: "new", raftAddr: "10.2.0.1:2380" }];
  const want = { cluster: "bench", service: "chainfire", join, leave: [`node${size - 1}`] };
  const runs = Array.from({ length: 20 }, () => {
    const started = performance.now();
    plan(seen, want);
    return performance.now() - started;
  });
  return recorded(`plan.ms-${size}`, median(runs), "ms", [median(runs)]);
}
