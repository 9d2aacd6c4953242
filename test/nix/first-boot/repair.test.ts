// limit: 800 s
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { ContainerCluster } from "./container-cluster.js";
import type { ContainerNode } from "./container-node.js";
import { errorsOf, Flint, SERVICES, summaryOf, votersAre } from "./flint.js";
import type { Outcome } from "./operation.js";
import { until } from "./until.js";

const THREE = ["node01", "node02", "node03"];
const FOUR = [...THREE, "node04"];
const TITLES = { chainfire: "Chainfire", flaredb: "FlareDB" };
const RAFT_PORTS = { chainfire: 2380, flaredb: 2480 };
const API_PORTS = { chainfire: 2379, flaredb: 2479 };

/**
 * What a person has done to a cluster, or left undone, and how Flint leads the way back: real systemd, the generated units,
 * real etcd behind the stand-in services. Three nodes are declared; the fourth is the machine that should not be.
 */
describe("Repair, in containers with systemd", function () {
  this.timeout(500_000);
  let cluster: ContainerCluster;
  let flint: Flint;
  let node03: ContainerNode;
  let node04: ContainerNode;

  before(async () => {
    cluster = new ContainerCluster(4);
    flint = new Flint(cluster);
    node03 = cluster.node("node03");
    node04 = cluster.node("node04");
    for (const name of THREE) cluster.node(name).start();
    assert.deepEqual(errorsOf(await flint.members(THREE, "create")), []);
  });
  after(() => cluster?.remove());

  const restartServices = (node: ContainerNode) =>
    void node.run("systemctl", "restart", "chainfire", "flaredb", "iam", "plasmavmc");
  const raftIds = () => SERVICES.map((service) => cluster.members(service).members.map(({ raft_id }) => raft_id));
  const isClean = (outcomes: readonly Outcome[]) => {
    assert.match(
      String(summaryOf(outcomes)),
      /^3 nodes healthy; Chainfire 3 members, leader node0\d; FlareDB 3 members, leader node0\d$/,
    );
    assert.deepEqual(undeclared(outcomes), []);
  };

  it("a member's certificate has expired: it is named with the day, the others go on", async () => {
    const tenDaysAgo = new Date(Date.now() - 10 * DAY_MS);
    const expired = `${new Date(tenDaysAgo.getTime() + 2 * DAY_MS).toISOString().slice(0, 10)} 00:00 UTC`;
    cluster.certify(node03, undefined, tenDaysAgo);
    restartServices(node03);
    await until(() => SERVICES.every((service) => cluster.hasLeader(service)));

    assert.deepEqual(
      errorsOf(await flint.members(THREE, "create", 60)).map(atAnyTime),
      SERVICES.map(
        (service) =>
          `node03, forming the cluster, ${service} of cluster dev: expected a certificate that is valid now but found one that expired on ${expired} ` +
          "(the clock here says so). If the clock here is right, run `pulumi refresh` and `pulumi up`: they put a valid one on " +
          "node03 and restart its services. Nothing was sent to it. [RAFT_CERTIFICATE]",
      ),
    );
    const ill = SERVICES.map(
      (service) =>
        `${TITLES[service]}: node03 not healthy; ${TITLES[service]}: a written value did not come back from node03; `,
    ).join("");
    const answers = ["chainfire", "flaredb", "iam", "plasmavmc"]
      .map((service) => `${service} on node03 answers with a certificate that expired on ${expired}`)
      .join("; ");
    assert.deepEqual(errorsOf(await flint.health(THREE, 8)), [
      `cluster dev: expected cluster dev to be healthy within 8 s but found degraded: ${ill}${answers}. If the clock here is ` +
        "right, run `pulumi refresh` and `pulumi up`: they put valid certificates on the machines and restart their services. " +
        "[CLUSTER_UNHEALTHY]",
    ]);
    votersAre(cluster, THREE);
  });

  it("it has a valid one again, and its services were restarted: the same operations succeed", async () => {
    const before = raftIds();
    cluster.certify(node03);
    restartServices(node03);
    assert.deepEqual(errorsOf(await flint.members(THREE, "create")), []);
    isClean(await flint.health(THREE));
    assert.deepEqual(raftIds(), before);
  });

  it("all certificates have expired on one day: each is named; renewed one after another, all come back", async () => {
    const before = raftIds();
    const three = THREE.map((name) => cluster.node(name));
    for (const node of three) {
      cluster.certify(node, undefined, new Date(Date.now() - 10 * DAY_MS));
      restartServices(node);
    }
    const told = errorsOf(await flint.members(THREE, "create", 60));
    for (const name of THREE)
      for (const service of SERVICES)
        assert.ok(
          told.some((text) =>
            text.startsWith(
              `${name}, forming the cluster, ${service} of cluster dev: expected a certificate that is valid now`,
            ),
          ),
          told.join("\n"),
        );
    assert.equal(told.length, 6);
    for (const node of three) {
      cluster.certify(node);
      restartServices(node);
    }
    assert.deepEqual(errorsOf(await flint.members(THREE, "create")), []);
    isClean(await flint.health(THREE));
    assert.deepEqual(raftIds(), before);
  });

  it("somebody has added a member that is not declared: it is named with what to do, and stays", async () => {
    node04.start();
    for (const service of SERVICES) await node04.finished(`${service}-cluster-join`);
    assert.deepEqual(errorsOf(await flint.members(THREE, "create")), []);
    const found = await flint.health(THREE);
    assert.match(String(summaryOf(found)), /^3 nodes healthy; Chainfire 4 members, .*; FlareDB 4 members, /);
    assert.deepEqual(
      undeclared(found),
      SERVICES.map((service) => {
        const leader = cluster.plan.health[cluster.leader(service)]?.address;
        return (
          `${TITLES[service]}: node04 at 10.0.200.13:${RAFT_PORTS[service]} is a voter, but not declared. It counts for the ` +
          `quorum: declare it, or remove it with POST ${leaderUrl(service, leader)}/admin/member/remove {"id": "node04"} at ` +
          "the leader (with `clientCert` and `clientKey` of `pulumi stack output clusterInfo --show-secrets`) and switch it off."
        );
      }),
    );
    votersAre(cluster, FOUR);
  });

  it("that one was given the name of another: nothing is done to either, and it is told how to tell them apart", async () => {
    const before = raftIds();
    node04.configure({ node_id: "node03" });
    restartServices(node04);
    await until(() => SERVICES.every((service) => node03sIn(cluster.roles(service)) === 2));

    const tellApart = (right = "") =>
      `Two machines claim to be node03. On the one that is not${right}, correct \`node_id\` in ` +
      "/etc/nixos/secrets/cluster-config.json and restart chainfire and flaredb; if it is gone, remove it with the service's " +
      "own tool by its raft id, not by its name, which both have.";
    for (const operation of ["create", "delete"] as const) {
      const told = errorsOf(await flint.members(["node03"], operation)).sort();
      assert.equal(told.length, 2, told.join("\n"));
      SERVICES.forEach((service, index) => {
        const [one, other] = [12, 13].map((host) => `10.0.200.${host}:${RAFT_PORTS[service]}`);
        const right = operation === "create" ? ` (which is at ${one})` : "";
        const phase = operation === "create" ? "forming the cluster" : "leaving the cluster";
        const expected = (places: string) =>
          `node03, ${phase}, ${service}: expected one member of that id but found 2, at ${places}. ${tellApart(right)} Nothing was ` +
          "changed. [MEMBER_DUPLICATE]";
        assert.ok(
          [expected(`${one} and ${other}`), expected(`${other} and ${one}`)].includes(told[index] ?? ""),
          told[index],
        );
      });
    }
    const [ill] = errorsOf(await flint.health(THREE, 6));
    assert.match(
      ill ?? "",
      /but found degraded: Chainfire: two machines claim to be node03, at 10\.0\.200\.1\d:2380 and 10\.0\.200\.1\d:2380; FlareDB: two machines claim/,
    );
    assert.ok(ill?.endsWith(`. ${tellApart()} [CLUSTER_UNHEALTHY]`), ill);
    assert.deepEqual(raftIds().map(sorted), before.map(sorted));

    node04.configure();
    restartServices(node04);
    await until(() => SERVICES.every((service) => node03sIn(cluster.roles(service)) === 1));
    votersAre(cluster, FOUR);
    assert.deepEqual(errorsOf(await flint.members(["node03"], "create")), []);
  });

  it("the member that is not declared was removed as told, and switched off: the cluster is clean", async () => {
    for (const service of SERVICES) cluster.tellLeader(service, "/admin/member/remove", { id: "node04" });
    await node04.shutDown();
    isClean(await flint.health(THREE));
  });

  it("a copy of a machine's disk starts beside it, without its data: it stays out, and is named", async () => {
    const before = raftIds();
    node04.forget();
    for (const file of ["node.crt", "node.key", "cluster-config.json"])
      execFileSync("cp", [join(node03.secrets, file), node04.secrets]);
    node04.start();
    const refusal = [
      "chainfire has a healthy member node03 at 10.0.200.12:2380, which is not this machine: two machines claim to be node03",
      "remedy: switch this machine off if it is a copy; if it is to be another node, declare it as that (own name and addresses) and install it with pulumi up",
    ];
    const journal = () => node04.journal("chainfire-cluster-join");
    await until(
      () => refusal.every((line) => journal().includes(`cluster-join chainfire: ${line}`)),
      () => journal().join("\n"),
    );
    assert.deepEqual(
      errorsOf(await flint.members(["node04"], "create")),
      SERVICES.map(
        (service) =>
          `node04, joining the cluster, ${service} of cluster dev: expected a certificate for 10.0.100.53:${API_PORTS[service]} but found that of ` +
          "node03. Either node03 has this address, or the machine there has a copy of node03's disk: correct the address, or " +
          "switch that machine off and install it anew. Nothing was sent to it. [RAFT_CERTIFICATE]",
      ),
    );
    assert.deepEqual(errorsOf(await flint.members(["node03"], "create")), []);
    assert.deepEqual(raftIds(), before);
    isClean(await flint.health(THREE));
  });

  it("it was installed anew as the node that it is: it joins", async () => {
    await node04.shutDown();
    node04.forget();
    node04.configure();
    cluster.certify(node04);
    node04.start();
    assert.deepEqual(errorsOf(await flint.members(["node04"], "create")), []);
    votersAre(cluster, FOUR);
  });
});

const DAY_MS = 86_400_000;

function atAnyTime(text: string): string {
  return text.replace(/\(the clock here says \d{4}-\d\d-\d\d \d\d:\d\d UTC\)/, "(the clock here says so)");
}

function undeclared([outcome]: readonly Outcome[]): unknown {
  const report = outcome !== undefined && "outs" in outcome ? outcome.outs.report : undefined;
  return typeof report === "object" && report !== null && "undeclared" in report ? report.undeclared : outcome;
}

function leaderUrl(service: keyof typeof API_PORTS, address: string | undefined): string {
  return address === undefined ? "" : `https://${address}:${API_PORTS[service]}`;
}

function node03sIn(roles: readonly string[]): number {
  return roles.filter((role) => role.startsWith("node03: ")).length;
}

function sorted(ids: readonly string[]): string[] {
  return [...ids].sort();
}
