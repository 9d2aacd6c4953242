import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { connect } from "node:tls";
import { promisify } from "node:util";
import { waitUntil } from "../../../../foundation/wait.js";
import { assertAccess } from "../../services/access.js";
import { call } from "../../services/api.js";
import { script } from "../../services/loopback-cluster.js";
import { SimulatedCluster, type SimulatedNode } from "./simulated-cluster.js";

const SERVICES = ["chainfire", "flaredb", "iam", "plasmavmc"] as const;

describe("simulated services of a rack's machines: a cluster's whole life over HTTPS", function () {
  this.timeout(120_000);
  const cluster = new SimulatedCluster();
  const first = ["node01", "node02", "node03"].map((id) => cluster.node(id));
  const [one, two, three] = first as [SimulatedNode, SimulatedNode, SimulatedNode];
  const node04 = cluster.node("node04");
  const worker = cluster.node("worker01");
  for (const node of first) node.configure(first, { bootstrap: true });
  node04.configure(first, { bootstrap: false });
  worker.configure(first, { bootstrap: false, voter: false });
  after(() => cluster.destroy());

  const joined = (node: SimulatedNode) =>
    waitUntil(async () => node.services?.joined("chainfire") && node.services.joined("flaredb"), {
      reason: `${node.id} to have joined`,
      deadlineMs: 60_000,
      intervalMs: 20,
      lastSeen: () => node.events.slice(-20).join("\n"),
      remedy: "",
    });
  const healthy = (node: SimulatedNode) =>
    Promise.all([
      cluster.health(node, "chainfire", "200 (leader|follower)"),
      cluster.health(node, "flaredb", "200 (leader|follower)"),
      cluster.health(node, "iam", "200 healthy"),
      cluster.health(node, "plasmavmc", "200 healthy"),
    ]);

  it("three bootstrap nodes form a cluster, and each sets its marks; a worker runs PlasmaVMC alone", async () => {
    for (const node of [...first, worker]) node.boot();
    assert.equal(one.services?.joined("chainfire"), false);
    await Promise.all([...first.map(healthy), cluster.health(worker, "plasmavmc", "200 healthy")]);
    await Promise.all(first.map(joined));
    for (const service of SERVICES) assert.equal(one.services?.state(service), "active");
    assert.equal(one.services?.state("chainfire-cluster-join"), "active");
    assert.equal(worker.services?.state("chainfire"), "inactive");
    await assert.rejects(cluster.ask(worker, "chainfire", "GET", "/health"), /ECONNREFUSED/);
    const { json } = await cluster.ask(one, "chainfire", "GET", "/admin/cluster/members");
    assert.deepEqual(
      json.members.map(({ id, raft_addr }: { id: string; raft_addr: string }) => [id, raft_addr]),
      first.map((node) => [node.id, node.raftAddr]),
    );
    assert.ok(json.term >= 1 && json.commit_index > 0);
    assert.equal(json.leader_address, cluster.leader().url("chainfire"));
  });

  it("the first-boot scripts of a real node are content with them", async () => {
    const env = {
      ...process.env,
      FLINT_CLUSTER_CONFIG: join(cluster.directory, "cluster-config.json"),
      FLINT_TLS_DIR: two.tls,
      FLINT_STATE_DIR: join(cluster.directory, "marks"),
      FLINT_LOCAL_ADDRESS: two.address,
      FLINT_DEADLINE: "5",
    };
    writeFileSync(env.FLINT_CLUSTER_CONFIG, two.configuration);
    const run = async (name: string, ...args: string[]) =>
      (await promisify(execFile)(script(name), args, { env })).stderr;
    assert.match(await run("cluster-join", "chainfire"), /node02 is a (leader|follower) of chainfire, led by node0\d/);
    assert.match(await run("iam-initial-setup"), /IAM is set up/);
    assert.match(await run("cluster-health-check"), /ok {6}flaredb: led by node0\d, 3 of 3 voters healthy, quorum 2/);
  });

  it("health is open to anyone; the rest is for the operator and for nodes", async () => {
    const url = one.url("chainfire");
    await assertAccess(cluster, url, node04.tls);
    assert.equal((await call(cluster.operator, "GET", `${url}/elsewhere`)).status, 404);
  });

  it("a client certificate of somebody else's authority is no certificate: the connection ends", async () => {
    const other = new SimulatedCluster();
    await assert
      .rejects(
        call(cluster.operator, "GET", `${one.url("chainfire")}/health`, undefined, true).then(async () => {
          const { readFileSync } = await import("node:fs");
          const { request } = await import("node:https");
          const read = (folder: string, name: string) => readFileSync(`${folder}/${name}`);
          await new Promise((resolve, reject) => {
            request(`${one.url("chainfire")}/health`, {
              ca: read(cluster.operator, "ca.crt"),
              cert: read(other.operator, "node.crt"),
              key: read(other.operator, "node.key"),
              agent: false,
            })
              .on("response", resolve)
              .on("error", reject)
              .end();
          });
        }),
        /ECONNRESET|socket hang up|EPIPE/,
      )
      .finally(() => other.destroy());
  });

  it("a key written on one node is read back on the others, and gone everywhere once deleted", async () => {
    assert.equal((await cluster.ask(one, "chainfire", "PUT", "/v1/kv/a/b", "snow\n\u0000man")).status, 200);
    for (const node of [two, three])
      assert.equal((await cluster.ask(node, "chainfire", "GET", "/v1/kv/a/b")).text, "snow\n\u0000man");
    assert.deepEqual((await cluster.ask(two, "chainfire", "DELETE", "/v1/kv/a/b")).json, { key: "a/b", deleted: true });
    assert.equal((await cluster.ask(three, "chainfire", "GET", "/v1/kv/a/b")).status, 404);
  });

  it("the setup of IAM is noted once, in FlareDB, without a secret", async () => {
    const note = await cluster.ask(one, "flaredb", "GET", "/v1/kv/iam/initial-setup");
    assert.deepEqual(Object.keys(note.json), ["version", "cluster", "by", "at"]);
  });

  it("a fourth node is pointed to the leader, joins as a learner and gets its vote", async () => {
    const leader = cluster.leader();
    const follower = first.find((node) => node !== leader) as SimulatedNode;
    const wish = { id: "node04", raft_addr: node04.raftAddr };
    const elsewhere = await cluster.ask(follower, "chainfire", "POST", "/admin/member/add", wish);
    assert.equal(elsewhere.status, 421);
    assert.equal(elsewhere.json.leader_url, leader.url("chainfire"));
    node04.boot();
    await joined(node04);
    assert.equal((await cluster.roles(leader)).node04, "follower");
    await healthy(node04);
    const { json } = await cluster.ask(leader, "chainfire", "GET", "/admin/cluster/members");
    const rows: { healthy: boolean; match_index?: number }[] = json.members;
    assert.equal(rows.filter((row) => row.healthy && row.match_index).length, 4);
    assert.deepEqual(
      cluster.groups.chainfire.record.adds.map(({ id }) => id),
      ["node04"],
    );
  });

  it("adding the same member again is a conflict that names it; so is another address; nonsense is a bad request", async () => {
    const leader = cluster.leader();
    for (const raft_addr of [node04.raftAddr, "10.9.9.9:2380"]) {
      const answer = await cluster.ask(leader, "chainfire", "POST", "/admin/member/add", { id: "node04", raft_addr });
      assert.equal(answer.status, 409);
      assert.deepEqual(answer.json, { error: "already a member", id: "node04", raft_addr: node04.raftAddr });
    }
    for (const body of ["", "[]", { id: "../x", raft_addr: "10.0.0.5:2380" }, { id: "node05", raft_addr: "10.0.0.5" }])
      assert.equal((await cluster.ask(leader, "chainfire", "POST", "/admin/member/add", body)).status, 400);
  });

  it("leadership moves to the voter that is named, and to nobody else", async () => {
    const leader = cluster.leader();
    const heir = first.find((node) => node !== leader) as SimulatedNode;
    assert.equal(
      (await cluster.ask(leader, "chainfire", "POST", "/admin/leader/transfer", { to: heir.id })).status,
      200,
    );
    assert.equal(cluster.leader().id, heir.id);
    const nobody = await cluster.ask(heir, "chainfire", "POST", "/admin/leader/transfer", { to: "node09" });
    assert.equal(nobody.status, 422);
    assert.deepEqual(nobody.json, { error: "node09 is not a voter" });
  });

  it("the leader can be removed: it hands over first, reports removed, and comes back when it is added again", async () => {
    const leader = cluster.leader();
    assert.equal(
      (await cluster.ask(leader, "chainfire", "POST", "/admin/member/remove", { id: leader.id })).status,
      200,
    );
    await cluster.health(leader, "chainfire", "503 removed");
    const next = cluster.leader();
    assert.equal((await cluster.ask(next, "chainfire", "POST", "/admin/member/remove", { id: leader.id })).status, 404);
    await leader.cut();
    leader.boot();
    await cluster.health(leader, "chainfire", "503 removed");
    await leader.cut();
    leader.data.marks.delete(".chainfire-joined");
    leader.boot();
    await cluster.health(leader, "chainfire", "200 follower");
  });

  it("a member whose data is gone leaves and joins anew instead of voting twice", async () => {
    await healthy(node04);
    await node04.wipe();
    node04.boot();
    await joined(node04);
    const { adds, removes } = cluster.groups.chainfire.record;
    const ids = adds.filter(({ id }) => id === "node04").map(({ raftId }) => raftId);
    assert.equal(new Set(ids).size, 2);
    assert.ok(removes.some(({ raftId }) => raftId === ids[0]));
    assert.equal((await cluster.roles(cluster.leader())).node04, "follower");
  });

  it("without a quorum there is no health, and changes are refused for the time being; a power cut ends connections", async () => {
    const idle = connect({ host: one.address, port: 2379, rejectUnauthorized: false });
    await new Promise((resolve) => idle.once("secureConnect", resolve));
    idle.on("error", () => {});
    const cut = new Promise((resolve) => idle.once("close", resolve));
    await Promise.all([one.cut(), node04.cut(), two.cut()]);
    await cut;
    await cluster.health(three, "chainfire", "503 no-leader");
    const refusal = await cluster.ask(three, "chainfire", "POST", "/admin/member/remove", { id: "node02" });
    assert.equal(refusal.status, 503);
    assert.equal(refusal.headers["retry-after"], "1");
    assert.deepEqual(refusal.json, { error: "there is no leader" });
    for (const node of [one, two, node04]) node.boot();
    await Promise.all([...first, node04].map(healthy));
  });

  it("a restart reads the certificate again, and the member is back", async () => {
    const serial = () =>
      new Promise<string>((resolve, reject) => {
        const socket = connect({ host: one.address, port: 2379, rejectUnauthorized: false }, () => {
          resolve(socket.getPeerCertificate().serialNumber);
          socket.destroy();
        }).on("error", reject);
      });
    const before = await serial();
    one.certify();
    assert.equal(await serial(), before);
    await one.services?.restart(["chainfire", "flaredb", "iam", "plasmavmc", "sshd"]);
    assert.notEqual(await serial(), before);
    await healthy(one);
  });

  it("services can be late, answer late, be killed, and crash again and again", async () => {
    const { services } = two;
    assert.ok(services !== undefined);
    await services.upset({ crashLoop: ["iam"] });
    await assert.rejects(cluster.ask(two, "iam", "GET", "/health"), /ECONNREFUSED/);
    assert.equal(services.state("iam"), "activating");
    assert.equal(await services.trouble(), "iam: health here answers 000");
    await cluster.health(two, "plasmavmc", "200 healthy"); // by another node's IAM
    await services.upset({});
    await cluster.health(two, "iam", "200 healthy");
    assert.equal(await services.trouble(), undefined);
    await services.upset({ slowAnswers: 4_000 });
    const began = performance.now();
    await cluster.ask(two, "plasmavmc", "GET", "/health");
    assert.ok(performance.now() - began > 150);
    await two.cut();
    two.boot({ late: 10_000 });
    await new Promise((resolve) => setTimeout(resolve, 200));
    assert.equal(two.services?.state("chainfire"), "activating");
    await healthy(two);
  });

  it("nothing of this was a violation", () => {
    for (const group of [cluster.groups.chainfire, cluster.groups.flaredb]) {
      assert.deepEqual(group.violations, []);
      assert.equal(group.record.foundings.length, 1);
    }
  });
});
