import { openRaft } from "../drivers/raft/client.js";
import type { RaftClient } from "../drivers/raft/driver.js";
import { waitUntil } from "../foundation/wait.js";
import type { MemberInputs } from "../providers/chainfire-member/schema.js";
import { LoopbackCluster } from "../test/lab/services/loopback-cluster.js";
import type { LoopbackNode } from "../test/lab/services/loopback-node.js";
import { memberInputs } from "../test/lab/services/member-inputs.js";

/** Three voters and a fourth node that waits to be added: real etcd clusters behind TLS, on loopback addresses. */
export class MemberCluster {
  private readonly cluster = new LoopbackCluster();
  readonly voters = ["node01", "node02", "node03"].map((id) => this.cluster.node(id));
  readonly fourth = this.cluster.node("node04");

  static async up(): Promise<MemberCluster> {
    const made = new MemberCluster();
    for (const node of made.voters) node.configure(made.voters, true);
    made.fourth.configure(made.voters, false);
    for (const node of [...made.voters, made.fourth]) node.start("chainfire");
    for (const node of made.voters) await made.voting(node);
    await made.waiting();
    return made;
  }

  leader(): Promise<LoopbackNode> {
    return this.cluster.leader();
  }

  /** Until the node's service answers as a voter. */
  voting(node: LoopbackNode): Promise<void> {
    return this.cluster.health(node, "chainfire", "200 (leader|follower)", 30_000);
  }

  private waiting(): Promise<void> {
    return this.cluster.health(this.fourth, "chainfire", "200 waiting", 30_000);
  }

  /** The fourth node as it was at first, after it was removed. */
  async renewFourth(): Promise<void> {
    await this.fourth.stop("SIGKILL");
    this.fourth.wipe("chainfire");
    this.fourth.start("chainfire");
    await this.waiting();
  }

  /** Adds the fourth node by the service's own API and nothing else, and waits until the leader lists it as a voter. */
  async addFourthByHand(): Promise<void> {
    const leader = await this.leader();
    const { id, raftAddr } = this.fourth;
    await this.cluster.ask(leader, "chainfire", "POST", "/admin/member/add", { id, raft_addr: raftAddr });
    await waitUntil(
      async () => {
        const { members } = await this.cluster.members(leader);
        const role = members.find((member) => member.id === id)?.role;
        return role !== undefined && role !== "learner";
      },
      { reason: `${id} to vote`, deadlineMs: 60_000, intervalMs: 20, remedy: "See its log." },
    );
  }

  inputs(node: LoopbackNode): MemberInputs {
    return memberInputs(this.cluster, this.voters, node);
  }

  client(): RaftClient {
    const { cluster, service, endpoints: urls, ca, clientCert, clientKey } = this.inputs(this.fourth);
    return openRaft({ cluster, service, urls, ca, clientCert, clientKey });
  }

  destroy(): Promise<void> {
    return this.cluster.destroy();
  }
}
