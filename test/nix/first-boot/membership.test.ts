// limit: 1400 s
import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { ContainerCluster } from "./container-cluster.js";
import { errorsOf, Flint, SERVICES, summaryOf, votersAre } from "./flint.js";
import { until } from "./until.js";

const FORMING = ["node01", "node02", "node03"];
const FIVE = [...FORMING, "node04", "node05"];
const WORKER = "node06";

/**
 * Members and health as Flint's resources see to them, all of a run in one process as under Pulumi's engine, while the nodes'
 * own first boot is at work: real systemd, the generated units, real etcd behind the stand-in services.
 */
describe("Members, in containers with systemd", function () {
  this.timeout(500_000);
  let cluster: ContainerCluster;
  let flint: Flint;

  before(() => {
    cluster = new ContainerCluster(6, { 6: { profile: "worker" } });
    flint = new Flint(cluster);
  });
  after(() => cluster?.remove());

  it("one of those that form the cluster does not come: the others form it, and it is named; who joins waits for it", async () => {
    for (const name of FIVE.filter((each) => each !== "node03")) cluster.node(name).start();
    const told = errorsOf(await flint.members(FIVE, "create", 70));
    for (const service of SERVICES) {
      const title = service === "chainfire" ? "Chainfire" : "FlareDB";
      assert.ok(
        told.includes(
          `node03, forming the cluster, ${service}: expected ${title} on node03 to be healthy within 1 min 10 s but found no answer. ` +
            `See \`journalctl -u ${service} -u ${service}-cluster-join\` on node03. [SERVICE_UNHEALTHY]`,
        ),
        told.join("\n"),
      );
      // A voter is down: one more would make it three of four that must be up, so the service takes none.
      for (const name of ["node04", "node05"])
        assert.match(
          told.find((text) => text.startsWith(`${name}, joining the cluster, ${service}: `)) ?? told.join("\n"),
          /but found joining: .*unhealthy cluster.*\. Nobody is added while the voter node03 is not healthy: mend it or take it out, then run `pulumi up` again\. \[JOIN_TIMEOUT\]$/,
        );
      assert.deepEqual(cluster.roles(service), ["node01: voter", "node02: voter", "node03: voter"]);
    }
    assert.equal(told.length, 6, told.join("\n"));
  });

  it("it comes late, while the next run waits for it: the cluster is complete", async () => {
    const operated = flint.members(FIVE, "create");
    await sleep(15_000);
    cluster.node("node03").start();
    assert.deepEqual(errorsOf(await operated), []);
    votersAre(cluster, FIVE);
    assert.match(
      String(summaryOf(await flint.health(FIVE))),
      /^5 nodes healthy; Chainfire 5 members, leader node0\d; FlareDB 5 members, leader node0\d$/,
    );
  });

  it("a worker comes and goes: no member notices", async () => {
    const before = SERVICES.map((service) => cluster.members(service));
    const worker = cluster.node(WORKER);
    worker.start();
    await worker.finished("cluster-health-check");
    assert.match(String(summaryOf(await flint.health([...FIVE, WORKER]))), /^6 nodes healthy; /);
    await worker.shutDown();
    assert.deepEqual(
      SERVICES.map((service) => cluster.members(service)).map(({ leader, term, members }) => [
        leader,
        term,
        members.length,
      ]),
      before.map(({ leader, term, members }) => [leader, term, members.length]),
    );
  });

  it("two of five leave in one run, one after another, the leader among them", async () => {
    const leader = cluster.leader();
    const leaving = [leader, FIVE.find((name) => name !== leader && name !== "node01") ?? ""];
    assert.deepEqual(errorsOf(await flint.members(leaving, "delete")), []);
    const staying = FIVE.filter((name) => !leaving.includes(name));
    votersAre(cluster, staying);
    for (const name of leaving) await cluster.node(name).shutDown();
    assert.match(String(summaryOf(await flint.health(staying))), /^3 nodes healthy; /);
    // They come back as new machines.
    for (const name of leaving) {
      cluster.node(name).forget();
      cluster.node(name).start();
    }
    assert.deepEqual(errorsOf(await flint.members(leaving, "create")), []);
    votersAre(cluster, FIVE);
  });

  it("one was removed behind our back, and its marker says that it has joined: it is added again", async () => {
    const removed = FIVE.find((name) => name !== cluster.leader()) ?? "";
    for (const service of SERVICES) {
      if (cluster.leader(service) === removed)
        cluster.tellLeader(service, "/admin/leader/transfer", { to: FIVE.find((name) => name !== removed) });
      cluster.tellLeader(service, "/admin/member/remove", { id: removed });
    }
    assert.equal(cluster.node(removed).hasJoined("chainfire"), true);
    assert.deepEqual(errorsOf(await flint.members([removed], "create")), []);
    votersAre(cluster, FIVE);
  });

  it("one has lost its disk: it comes back under a new identity, and the others go on", async () => {
    const lost = cluster.node("node02");
    const raftId = () => cluster.members().members.find(({ id }) => id === "node02")?.raft_id;
    const before = raftId();
    await lost.cutPower();
    lost.forget();
    lost.start();
    assert.deepEqual(errorsOf(await flint.members(["node02"], "create")), []);
    votersAre(cluster, FIVE);
    assert.notEqual(raftId(), before);
  });

  it("three of five are down: nothing is removed, and it is said which machines to bring back", async () => {
    for (const name of ["node03", "node04", "node05"]) await cluster.node(name).cutPower();
    // Until a leader notices, it is refused with the arithmetic.
    await until(() => SERVICES.every((service) => !cluster.hasLeader(service)));
    const told = errorsOf(await flint.members(["node05"], "delete", 30));
    assert.equal(told.length, 2, told.join("\n"));
    for (const text of told) assert.match(text, /\[QUORUM_LOST\]$/);
    for (const name of ["node03", "node04", "node05"]) cluster.node(name).start();
    assert.deepEqual(errorsOf(await flint.members(FIVE, "create")), []);
    votersAre(cluster, FIVE);
  });
});
