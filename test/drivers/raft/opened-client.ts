import { openRaft } from "../../../drivers/raft/client.js";
import type { RaftClient, RaftEndpoints } from "../../../drivers/raft/driver.js";
import { type Behaviour, FakeCluster } from "./fake-cluster.js";

/** A cluster's answer to a question for its members. */
export const three = {
  leader: "node01",
  term: 7,
  members: [
    { id: "node01", raft_addr: "10.0.200.10:2380", role: "leader", healthy: true, match_index: 123 },
    { id: "node02", raft_addr: "10.0.200.11:2380", role: "follower" },
  ],
  commit_index: 123,
};
export const ok: Behaviour = () => ({ status: 200, body: {} });
export const toLeader =
  (url: string): Behaviour =>
  () => ({ status: 421, body: { error: "not the leader", leader_url: url } });

/** A fake cluster and its clients, new for each test; call it within a `describe`. */
export function eachWithCluster(): {
  cluster(): FakeCluster;
  open(change?: Partial<RaftEndpoints>): RaftClient;
  host(id: string): string;
} {
  let cluster: FakeCluster;
  let opened: RaftClient[];
  beforeEach(() => {
    cluster = new FakeCluster();
    opened = [];
  });
  afterEach(async () => {
    for (const client of opened) await client.close();
    await cluster[Symbol.asyncDispose]();
  });
  return {
    cluster: () => cluster,
    open(change = {}) {
      const client = openRaft(cluster.endpoints(change));
      opened.push(client);
      return client;
    },
    host: (id) => new URL(cluster.urls[id] ?? "").host,
  };
}
