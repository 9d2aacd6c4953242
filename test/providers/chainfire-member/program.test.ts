// limit: 1200 s
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { waitUntil } from "../../../foundation/wait.js";
import { LoopbackCluster } from "../../lab/services/loopback-cluster.js";
import { type LoopbackNode, ports } from "../../lab/services/loopback-node.js";

const root = resolve(__dirname, "../../../..");

/** A cluster as the component declares it, with machines that a test switches on and off. Options as in stage.ts. */
const PROGRAM = `
const pulumi = require("@pulumi/pulumi");
const { FlintResource } = require(${JSON.stringify(join(root, "dist/providers/shell.js"))});
const { ChainfireMember } = require(${JSON.stringify(join(root, "dist/providers/chainfire-member/resource.js"))});
const { ClusterHealth } = require(${JSON.stringify(join(root, "dist/providers/cluster-health/resource.js"))});
class Machine extends FlintResource {
  constructor(name, args, options) { super({ type: "Machine", folder: "machine" }, name, args, options); }
}
class Cluster extends pulumi.ComponentResource {
  constructor({ nodes, shared, events }) {
    super("flint:index:ClusterComponent", "dev", {});
    const machines = {}, members = {};
    for (const [name, node] of Object.entries(nodes))
      machines[name] = new Machine(name, { name, mac: node.mac, events }, { parent: this });
    for (const [name, { inputs }] of Object.entries(nodes))
      members[name] = new ChainfireMember("chainfire-" + name, { ...shared, ...inputs, node: name }, {
        parent: this,
        dependsOn: [machines[name], ...(inputs.bootstrap ? [] : Object.values(members))],
        deletedWith: this,
        replaceWith: [machines[name]],
      });
    const targets = Object.entries(nodes).map(([name, node]) => [name, node.health]);
    new ClusterHealth("health", { ...shared, domain: "test", nodes: Object.fromEntries(targets), deadlines: { health: 60 } },
      { parent: this, dependsOn: [...Object.values(machines), ...Object.values(members)] });
  }
}
new Cluster(JSON.parse(process.env.CLUSTER));
`;

/** Tells the test what the engine asks of a machine, and waits for its word. */
const MACHINE = `
const tell = (events, what) => fetch(events + "/" + what, { method: "POST" }).then((answer) => answer.text());
exports.lifecycle = {
  configure: async () => {},
  check: async (_, inputs) => ({ inputs, failures: [] }),
  diff: async (_, olds, news) => {
    if (olds.mac === news.mac) return { changes: false };
    require(${JSON.stringify(join(root, "dist/providers/membership/replaced.js"))}).noteReplaced("dev", "node04", true);
    return { changes: true, replaces: ["mac"], deleteBeforeReplace: true };
  },
  create: async (inputs) => { await tell(inputs.events, "on/" + inputs.name); return { id: inputs.name, outs: inputs }; },
  update: async (_, __, inputs) => ({ outs: inputs }),
  delete: async (_, props) => { await tell(props.events, "off/" + props.name); },
  read: async (id, props) => ({ id, props }),
};
`;

describe("members under the real CLI, with the lab's services and a real raft store", function () {
  this.timeout(150_000);
  const project = mkdtempSync(join(tmpdir(), "flint-members-"));
  let cluster: LoopbackCluster;
  let nodes: LoopbackNode[];
  let server: Server;
  /** What the engine asked of machines, in order, with the members that the cluster had then. */
  let asked: string[] = [];
  /** Whether a machine that is deleted is switched off and loses its disk. */
  let wipes = true;

  const named = (name: string) => nodes.find(({ id }) => id === name) ?? assert.fail(name);
  const ids = async () => (await cluster.members(await cluster.leader())).members.map(({ id }) => id).sort();

  /** The program's configuration with these machines. */
  const declared = (names: string[], macs: Record<string, string> = {}) => {
    const read = (name: string) => readFileSync(join(cluster.operator, name), "utf8");
    const first = nodes.slice(0, 3);
    const address = server.address();
    const port = typeof address === "object" ? address?.port : address;
    return JSON.stringify({
      events: `http://127.0.0.1:${port}`,
      shared: { cluster: "dev", ca: read("ca.crt"), clientCert: read("node.crt"), clientKey: read("node.key") },
      nodes: Object.fromEntries(
        names.map((name) => {
          const node = named(name);
          const api = ports.chainfire;
          return [
            name,
            {
              mac: macs[name] ?? "first",
              inputs: {
                service: "chainfire",
                raftAddr: node.raftAddr,
                bootstrap: first.includes(node),
                endpoints: Object.fromEntries([...first, node].map((each) => [each.id, each.url("chainfire")])),
                dependents: {},
                deadlines: { join: 90 },
              },
              // One real service stands for all: what is looked at here are members.
              health: {
                profile: "control-plane",
                address: node.address,
                voter: true,
                ports: { chainfire: api, flaredb: api, plasmavmc: api },
              },
            },
          ];
        }),
      ),
    });
  };

  /** Everything the CLI printed, and its exit code; at most 140 s. */
  const pulumi = (config: string, ...args: string[]) =>
    new Promise<{ code: number; text: string }>((done) => {
      const env = {
        ...process.env,
        CLUSTER: config,
        PULUMI_HOME: join(project, "home"),
        PULUMI_BACKEND_URL: `file://${join(project, "state")}`,
        PULUMI_CONFIG_PASSPHRASE: "for this test",
        PULUMI_SKIP_UPDATE_CHECK: "true",
      };
      const options = { cwd: project, env, timeout: 140_000, killSignal: "SIGKILL" as const };
      execFile("pulumi", [...args, "--non-interactive"], options, (error, stdout, stderr) =>
        done({ code: error === null ? 0 : Number(error.code ?? -1), text: stdout + stderr }),
      );
    });
  const up = async (config: string) => {
    asked = [];
    const result = await pulumi(config, "up", "--yes", "--skip-preview");
    assert.equal(result.code, 0, result.text);
    return result.text;
  };
  /** A preview tells what it sees: everyone is well again after what came before. */
  const settled = () =>
    waitUntil(
      async () => {
        const { members } = await cluster.members(await cluster.leader());
        return members.every(({ healthy, role }) => healthy && role !== "learner");
      },
      { reason: "all members to be healthy", deadlineMs: 60_000, remedy: "See their logs." },
    );
  const preview = async (config: string) => {
    const result = await pulumi(config, "preview");
    assert.equal(result.code, 0, result.text);
    return result.text;
  };
  /** "+ Machine node04", as a preview lists them; a line is printed again with each word of its resource. */
  const listed = (text: string) => {
    const lines = text.matchAll(/^ (\S+) +pulumi-nodejs:dynamic\/flint:(\S+) (\S+)/gm);
    return [...new Set([...lines].map(([, op, type, name]) => `${op} ${type} ${name}`))].sort();
  };

  before(async () => {
    cluster = new LoopbackCluster();
    nodes = ["node01", "node02", "node03", "node04", "node05"].map((id) => cluster.node(id));
    const first = nodes.slice(0, 3);
    for (const node of nodes) node.configure(first, first.includes(node));
    server = createServer(async (request, response) => {
      const [, what = "", name = ""] = (request.url ?? "").split("/");
      const members = await ids().catch(() => []);
      asked.push(`${what} ${name}, members ${members.join(" ")}`.replace(/, members $/, ""));
      if (what === "on") named(name).start("chainfire");
      if (what === "off" && wipes) {
        await named(name).stop("SIGKILL");
        named(name).wipe("chainfire");
      }
      response.end("done");
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    const library = join(project, "node_modules/pulumi-flint");
    mkdirSync(join(library, "lifecycle"), { recursive: true });
    mkdirSync(join(project, "node_modules/@pulumi"));
    mkdirSync(join(project, "state"));
    symlinkSync(join(root, "node_modules/@pulumi/pulumi"), join(project, "node_modules/@pulumi/pulumi"));
    const manifest = { name: "pulumi-flint", version: "0.0.0", exports: { "./lifecycle/*": "./lifecycle/*.js" } };
    writeFileSync(join(library, "package.json"), JSON.stringify(manifest));
    for (const folder of ["chainfire-member", "cluster-health"])
      writeFileSync(
        join(library, `lifecycle/${folder}.js`),
        `exports.lifecycle = require(${JSON.stringify(join(root, `dist/providers/${folder}/lifecycle.js`))}).lifecycle;\n`,
      );
    writeFileSync(join(library, "lifecycle/machine.js"), MACHINE);
    writeFileSync(join(project, "Pulumi.yaml"), "name: members\nruntime: nodejs\nmain: index.js\n");
    writeFileSync(join(project, "package.json"), '{ "name": "members-program", "main": "index.js" }\n');
    writeFileSync(join(project, "index.js"), PROGRAM);
    const made = await pulumi("", "stack", "init", "dev");
    assert.equal(made.code, 0, made.text);
  });
  after(async () => {
    server?.close();
    server?.closeAllConnections();
    await cluster?.destroy();
    rmSync(project, { recursive: true, force: true });
  });

  const THREE = ["node01", "node02", "node03"];
  const FOUR = [...THREE, "node04"];

  it("three machines become a cluster", async () => {
    await up(declared(THREE));
    assert.deepEqual(await ids(), THREE);
  });

  it("the preview of a fourth shows its own resources alone, and what becomes of the quorum", async () => {
    await settled();
    const text = await preview(declared(FOUR));
    assert.deepEqual(listed(text), ["+ ChainfireMember chainfire-node04", "+ Machine node04"]);
    assert.match(
      text,
      /Chainfire: 3 voters \(node01( leads)?, node02( leads)?, node03( leads)?\), all healthy\. node04 joins: it learns first, then votes\. Quorum 2 of 3 before and during, 3 of 4 after; at the worst moment 1 may fail\.\n/,
    );
    assert.deepEqual(await ids(), THREE);
  });

  it("it joins; nothing changes when nothing is changed", async () => {
    await up(declared(FOUR));
    assert.deepEqual(await ids(), FOUR);
    const again = await pulumi(declared(FOUR), "preview", "--expect-no-changes");
    assert.equal(again.code, 0, again.text);
    assert.doesNotMatch(again.text, /Quorum/);
  });

  it("the preview of taking it out again tells the quorum, and that the cluster is looked at", async () => {
    await settled();
    const text = await preview(declared(THREE));
    assert.deepEqual(listed(text), [
      "- ChainfireMember chainfire-node04",
      "- Machine node04",
      "~ ClusterHealth health",
    ]);
    assert.match(
      text,
      /Chainfire: 4 voters \(.*\), all healthy\. node04 leaves(, leadership goes to node0\d first)?\. Quorum 3 of 4 before and during, 2 of 3 after; at the worst moment 1 may fail\.\n/,
    );
    assert.deepEqual(await ids(), FOUR);
  });

  it("another machine in a member's place: the old one leaves, then its machine goes, and the new one joins", async () => {
    const config = declared(FOUR, { node03: "second" });
    await settled();
    const shown = listed(await preview(config)).filter((line) => !line.startsWith("--") && !line.startsWith("++"));
    assert.deepEqual(shown, ["+- ChainfireMember chainfire-node03", "+- Machine node03", "~ ClusterHealth health"]);
    await up(config);
    assert.deepEqual(asked, ["off node03, members node01 node02 node04", "on node03, members node01 node02 node04"]);
    assert.deepEqual(await ids(), FOUR);
  });

  it("taken out, it leaves before its machine is switched off", async () => {
    await up(declared(THREE, { node03: "second" }));
    assert.deepEqual(asked, ["off node04, members node01 node02 node03"]);
    assert.deepEqual(await ids(), THREE);
  });

  it("a preview does not wait for a cluster that does not answer, and says so", async () => {
    const leader = await cluster.leader();
    const others = nodes.filter((node) => node !== leader);
    await Promise.all(others.map((node) => node.stop("SIGKILL")));
    await cluster.health(leader, "chainfire", "503 no-leader", 30_000);
    const text = await preview(declared([...THREE, "node05"], { node03: "second" }));
    assert.match(text, /Chainfire: (nobody tells its members|3 voters, and no leader) now \(.*no answer.*\)\./);
    for (const node of others.filter(({ id }) => THREE.includes(id))) node.start("chainfire");
    await cluster.health(leader, "chainfire", "200 (leader|follower)", 30_000);
  });

  it("destroyed as a whole, nobody leaves: each member ends with its machine", async () => {
    wipes = false;
    asked = [];
    const { code, text } = await pulumi(declared(THREE), "destroy", "--yes", "--skip-preview");
    assert.equal(code, 0, text);
    assert.deepEqual(
      asked.sort(),
      THREE.map((name) => `off ${name}, members node01 node02 node03`),
    );
    assert.deepEqual(await ids(), THREE);
  });
});
