import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { lifecycle } from "../../../providers/cluster-health/lifecycle.js";
import type { HealthInputs } from "../../../providers/cluster-health/schema.js";
import { LoopbackCluster, script } from "../../lab/services/loopback-cluster.js";
import { type LoopbackNode, ports } from "../../lab/services/loopback-node.js";

describe("ClusterHealth, with the lab's services and a real raft store", function () {
  this.timeout(120_000);
  let cluster: LoopbackCluster;
  let nodes: LoopbackNode[];

  before(async () => {
    cluster = new LoopbackCluster();
    nodes = ["node01", "node02", "node03"].map((id) => cluster.node(id));
    for (const node of nodes) node.configure(nodes, true);
    for (const node of nodes) node.start("chainfire", "flaredb", "iam", "plasmavmc");
    await Promise.all(nodes.map((node) => cluster.health(node, "flaredb", "200 (leader|follower)")));
  });
  after(() => cluster?.destroy());

  const inputs = (deadline = 20): HealthInputs => {
    const read = (name: string) => readFileSync(join(cluster.operator, name), "utf8");
    const node = ({ id, address }: LoopbackNode) =>
      [id, { profile: "control-plane" as const, address, voter: true, ports }] as const;
    return {
      cluster: "test",
      domain: "test",
      nodes: Object.fromEntries(nodes.map(node)),
      ca: read("ca.crt"),
      clientCert: read("node.crt"),
      clientKey: read("node.key"),
      deadlines: { health: deadline },
    };
  };

  it("says what is missing, and keeps the resource as unfinished", async () => {
    await assert.rejects(lifecycle.create({ ...inputs(1) }), (error) => {
      assert.ok(error instanceof Error);
      const told =
        /^cluster test: expected cluster test to be healthy within 1 s but found failed: (.+)\. See the journal of the services named, then run `pulumi up` again\. \[CLUSTER_UNHEALTHY\]$/.exec(
          error.message,
        );
      assert.ok(told, error.message);
      // What has not been set up yet is missing for certain; an election may take a moment more from the rest.
      for (const { id } of nodes) {
        for (const service of ["iam", "plasmavmc"]) {
          assert.ok(told[1]?.split("; ").includes(`${service} on ${id} answers 503`), error.message);
        }
      }
      const { properties } = error as Error & { properties?: Record<string, unknown> };
      assert.deepEqual([properties?.healthy, properties?.summary], [false, "not checked to the end"]);
      return true;
    });
    const unfinished = { ...inputs(), healthy: false };
    assert.deepEqual(await lifecycle.diff("test/health", unfinished, { ...inputs() }), { changes: true });
  });

  it("waits until everything is as declared", async () => {
    const creating = lifecycle.create({ ...inputs() });
    const set = await nodes[0]?.script(script("iam-initial-setup"), []);
    assert.equal(set?.code, 0, set?.said);
    const { id, outs } = await creating;
    assert.equal(id, "test/health");
    assert.deepEqual([outs.healthy, outs.checked], [true, ["node01", "node02", "node03"]]);
    assert.match(
      String(outs.summary),
      /^3 nodes healthy; Chainfire 3 members, leader node0\d; FlareDB 3 members, leader node0\d$/,
    );
    assert.match(String(outs.checkedAt), /^\d{4}-\d\d-\d\dT/);
    assert.partialDeepStrictEqual(outs.report, {
      state: "healthy",
      raft: { chainfire: { healthy: 3, quorum: 2, mayFail: 1 }, flaredb: { healthy: 3, quorum: 2, mayFail: 1 } },
      endpoints: { "iam on node01": "200", "plasmavmc on node03": "200" },
      problems: [],
    });
  });

  it("leaves no key of its checks behind", async () => {
    const [one] = nodes;
    assert.ok(one);
    const listed = await cluster.ask(one, "chainfire", "GET", "/v1/kv/flint/health");
    assert.equal(listed.status, 404);
  });

  it("a refresh tells a member that is gone, and does not drop the resource", async () => {
    const [one] = nodes;
    assert.ok(one);
    await one.stop("SIGKILL");
    const { id, props } = await lifecycle.read("test/health", { ...inputs(), healthy: true });
    assert.equal(id, "test/health");
    assert.equal(props.healthy, false);
    assert.match(
      String(props.summary),
      /^degraded: .*chainfire on node01 answers ECONNREFUSED; flaredb on node01 answers ECONNREFUSED/,
    );
  });

  it("nodes that were only added are no change; removed or changed ones are", async () => {
    const before = { ...inputs(), healthy: true };
    const { node01, node02, node03 } = inputs().nodes;
    assert.ok(node01 && node02 && node03);
    const diff = (after: HealthInputs["nodes"]) => lifecycle.diff("test/health", before, { ...inputs(), nodes: after });
    assert.deepEqual(await diff({ node01, node02, node03, node04: node01 }), { changes: false });
    assert.deepEqual(await diff({ node01, node02 }), { changes: true });
    assert.deepEqual(await diff({ node01, node02, node03: { ...node03, address: "10.0.0.1" } }), { changes: true });
  });

  it("a node that is taken out again is a change, though the last check did not know it", async () => {
    const { node01 } = inputs().nodes;
    assert.ok(node01);
    const diff = () => lifecycle.diff("test/health", { ...inputs(), healthy: true }, { ...inputs() });
    // The engine keeps the inputs of a resource that it calls unchanged, and gives them to check.
    await lifecycle.check({ ...inputs(), nodes: { ...inputs().nodes, node04: node01 } }, { ...inputs() });
    assert.deepEqual(await diff(), { changes: true });
    await lifecycle.check({ ...inputs() }, { ...inputs() });
    assert.deepEqual(await diff(), { changes: false });
  });
});
