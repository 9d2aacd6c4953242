// limit: 800 s
import assert from "node:assert/strict";
import { ContainerCluster, type RaftService } from "./container-cluster.js";
import type { ContainerNode } from "./container-node.js";
import { until } from "./until.js";

const SERVICES: RaftService[] = ["chainfire", "flaredb"];
const THREE = ["node01: voter", "node02: voter", "node03: voter"];
const FOUR = [...THREE, "node04: voter"];

/** Systems of the rack in containers: real systemd, the generated units, real etcd behind the stand-in services. */
describe("First boot, in containers with systemd", function () {
  this.timeout(500_000);
  let cluster: ContainerCluster;
  let node04: ContainerNode;

  before(() => {
    cluster = new ContainerCluster(4);
    node04 = cluster.node("node04");
  });
  after(() => cluster?.remove());

  const joined = async (node: ContainerNode) => {
    for (const service of SERVICES) await node.finished(`${service}-cluster-join`);
  };
  /** Takes node04 out of both services and makes its disk a new one. */
  const beginAnew = async () => {
    await node04.shutDown();
    for (const service of SERVICES) cluster.tellLeader(service, "/admin/member/remove", { id: "node04" });
    node04.forget();
  };
  const said = (node: ContainerNode, service: RaftService) => node.journal(`${service}-cluster-join`);

  it("three nodes form the cluster, set IAM up, and find themselves healthy", async () => {
    const three = cluster.nodes.slice(0, 3);
    for (const node of three) node.start();
    for (const node of three) {
      await joined(node);
      await node.finished("iam-initial-setup");
      await node.finished("cluster-health-check");
    }
    for (const service of SERVICES) assert.deepEqual(cluster.roles(service), THREE);
    for (const unit of [...SERVICES, "iam", "plasmavmc", "cluster-health-check"]) {
      const shown = three[0]?.run("systemctl", "show", "--property=ProtectSystem,NoNewPrivileges", unit) ?? "";
      const sandbox = shown.trim().split("\n").sort();
      assert.deepEqual(sandbox, ["NoNewPrivileges=yes", "ProtectSystem=strict"], `the sandbox of ${unit}`);
    }
    assert.match(
      said(cluster.node("node01"), "chainfire").join("\n"),
      /^cluster-join chainfire: node01 at 10\.0\.200\.10:2380, bootstrap true$[\s\S]*^cluster-join chainfire: node01 is a (leader|follower) of chainfire, led by node0\d \(node01, node02, node03\)$/m,
    );
  });

  it("a restarted node asks nobody anything: its markers say that it has joined", async () => {
    const node = cluster.node("node02");
    await node.restart();
    await joined(node);
    for (const service of SERVICES)
      assert.match(said(node, service).join("\n"), /^[^\n]* skipped, unmet condition check [^\n]*$/);
    await node.finished("cluster-health-check");
    assert.deepEqual(cluster.roles(), THREE);
  });

  it("a fourth joins through whoever leads, which is not the node that its configuration names", async () => {
    if (cluster.leader() === "node01") cluster.tellLeader("chainfire", "/admin/leader/transfer", { to: "node03" });
    node04.configure({ leader_url: "https://node01.dev.example.com:2379" });
    node04.start();
    await joined(node04);
    const leader = cluster.leader();
    assert.notEqual(leader, "node01");
    assert.deepEqual(cluster.roles(), FOUR);
    assert.deepEqual(cluster.roles("flaredb"), FOUR);
    assert.ok(
      said(node04, "chainfire").includes(
        `cluster-join chainfire: asking the leader at https://${leader}.dev.example.com:2379 to add node04 at 10.0.200.13:2380`,
      ),
      said(node04, "chainfire").join("\n"),
    );
  });

  it("one waits while a member is down, whom its configuration names, and joins once that is back", async () => {
    await beginAnew();
    const node01 = cluster.node("node01");
    await node01.cutPower();
    node04.start();
    await until(() => said(node04, "chainfire").some((line) => line.includes("waiting for node04 to be a voter")));
    assert.deepEqual(cluster.roles(), THREE);
    node01.start();
    await joined(node04);
    for (const service of SERVICES) assert.deepEqual(cluster.roles(service), FOUR);
    await node01.finished("cluster-health-check");
  });

  it("one whose power is cut while it joins goes on at its next start", async () => {
    await beginAnew();
    node04.start();
    await until(() => said(node04, "chainfire").some((line) => line.includes("asking the leader")));
    await node04.cutPower();
    assert.equal(node04.hasJoined("flaredb"), false);
    node04.start();
    await joined(node04);
    for (const service of SERVICES) assert.deepEqual(cluster.roles(service), FOUR);
  });

  it("one with a certificate of somebody else stays out, says why, and joins once it has the right one", async () => {
    await beginAnew();
    cluster.certify(node04, cluster.stranger());
    node04.start();
    await until(() => said(node04, "chainfire").some((line) => line.includes("certificate")));
    assert.equal(node04.hasJoined("chainfire"), false);
    assert.deepEqual(cluster.roles(), THREE);
    cluster.certify(node04);
    await node04.restart();
    await joined(node04);
    assert.deepEqual(cluster.roles(), FOUR);
  });

  it("one whose clock is a day behind, for which its certificate is not valid yet, stays out and says so", async () => {
    await beginAnew();
    cluster.certify(node04, undefined, new Date(Date.now() + 2 * 86_400_000));
    node04.start();
    const told = /certificate is not yet valid; the clock of this node says \d{4}-\d\d-\d\d \d\d:\d\d UTC$/;
    await until(() => said(node04, "chainfire").some((line) => told.test(line)));
    assert.deepEqual(cluster.roles(), THREE);
    cluster.certify(node04);
    await node04.restart();
    await joined(node04);
    assert.deepEqual(cluster.roles(), FOUR);
  });
});
