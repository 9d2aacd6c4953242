// limit: 480 s
import assert from "node:assert/strict";
import { lifecycle } from "../../../providers/chainfire-member/lifecycle.js";
import type { MemberInputs } from "../../../providers/chainfire-member/schema.js";
import { LoopbackCluster } from "../../lab/services/loopback-cluster.js";
import type { LoopbackNode } from "../../lab/services/loopback-node.js";
import { memberInputs } from "../../lab/services/member-inputs.js";

const NAMES = ["node01", "node02", "node03", "node04", "node05"];

/** Nodes of which the first `forming` form the cluster, as Flint's resources see them. */
class Members {
  readonly cluster = new LoopbackCluster();
  readonly nodes: LoopbackNode[] = NAMES.map((id) => this.cluster.node(id));

  constructor(private readonly forming: number) {
    for (const [i, node] of this.nodes.entries()) node.configure(this.first, i < forming);
  }

  private get first(): LoopbackNode[] {
    return this.nodes.slice(0, this.forming);
  }

  inputs(node: LoopbackNode): MemberInputs {
    return memberInputs(this.cluster, this.first, node);
  }

  create(nodes: readonly LoopbackNode[]) {
    return Promise.all(nodes.map((node) => lifecycle.create({ ...this.inputs(node) })));
  }

  async voters(via: LoopbackNode): Promise<string[]> {
    const { members } = await this.cluster.members(via);
    return members.flatMap(({ id, role }) => (role === "learner" ? [] : [id])).sort();
  }
}

describe("ChainfireMember: clusters of one and of five, with the lab's services and a real raft store", function () {
  this.timeout(120_000);
  let members: Members | undefined;
  afterEach(async () => {
    await members?.cluster.destroy();
    members = undefined;
  });

  it("one alone; four more in one run, never more than one of them a learner; and back to one", async () => {
    members = new Members(1);
    const { cluster, nodes } = members;
    const [first, ...others] = nodes as [LoopbackNode, ...LoopbackNode[]];
    for (const node of nodes) node.start("chainfire");
    await members.create([first]);
    assert.deepEqual(await members.voters(first), ["node01"]);

    let most = 0;
    const looking = setInterval(async () => {
      const answer = await cluster.members(first).catch(() => undefined);
      most = Math.max(most, answer?.members?.filter(({ role }) => role === "learner").length ?? 0);
    }, 50);
    await members.create(others).finally(() => clearInterval(looking));
    assert.deepEqual(await members.voters(first), NAMES);
    assert.ok(most <= 1, `${most} learners at a time`);

    const told = (node: LoopbackNode) => ({ ...members?.inputs(node), voter: true, joinSeconds: 1 });
    await Promise.all(others.map((node) => lifecycle.delete(`test/chainfire/${node.id}`, told(node))));
    assert.deepEqual(await members.voters(first), ["node01"]);
    assert.equal((await cluster.leader()).id, "node01");
  });

  it("five at once: one leader, and all vote", async () => {
    members = new Members(5);
    for (const node of members.nodes) node.start("chainfire");
    for (const { outs } of await members.create(members.nodes)) assert.equal(outs.voter, true);
    assert.deepEqual(await members.voters(await members.cluster.leader()), NAMES);
  });
});
