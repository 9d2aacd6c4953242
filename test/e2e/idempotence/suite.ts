import assert from "node:assert/strict";
import pLimit from "p-limit";
import { LaunchedRack } from "../../../lab/simulated/launch.js";
import { SimulatedProject } from "../../../lab/simulated/project.js";
import { RESOURCE_FOLDERS } from "../../providers/resource-folders.js";
import { Operator, type Properties, type Stored } from "./operator.js";
import { replaceSecretsKilled } from "./secrets-replaced.js";
import { type Sight, Watch } from "./sights.js";
import { updateKilled } from "./update-killed.js";
import { clusterUpdates, hostUpdates } from "./updates.js";

const JOINING = "node04";
const PROCESSES = 8;
const NOTHING = { formatted: 0, installed: 0, erased: 0, added: 0, removed: 0 };

interface Kind {
  resource: string;
  /** What it makes of the host's files. */
  owns: (path: string) => boolean;
  /** Kill before every so many commands. */
  every: number;
  /** Nothing of it is left to be made anew. */
  keeps?: boolean;
  /** A raft member: added and removed once. */
  member?: string;
}

export interface Thoroughness {
  /** Each kind of resource is killed before every so many of its commands. */
  every: number;
  /** Machines that are worked on at once. */
  workers: number;
}

/** Kills the work of each resource before its first command, its second, …, and does it again. */
export function idempotenceSuite({ every, workers }: Thoroughness): void {
  const names = Array.from({ length: workers }, (_, i) => `node${String(i + 5).padStart(2, "0")}`);
  let rack: LaunchedRack;
  let project: SimulatedProject;
  let operator: Operator;
  let watch: Watch;

  before(async function () {
    this.timeout(240_000);
    rack = await LaunchedRack.start({ machines: 4 + workers, seed: "idempotence", speed: 60 });
    const cluster = rack.cluster(({ nodes }) => {
      for (const node of Object.values(nodes)) node.onDelete = "wipe";
      if (nodes[JOINING] !== undefined) nodes[JOINING].profile = "control-plane";
    });
    project = await SimulatedProject.make(rack, cluster);
    await project.up(200);
    operator = await Operator.of(rack, project);
    watch = new Watch(rack);
  });
  after(async () => {
    await rack?.stop();
    project?.remove();
  });

  it("machines: updated, taken away, wiped and installed, however often each is killed", async function () {
    this.timeout(600_000);
    const inTurn = pLimit(PROCESSES);
    const resources = names.map((name) => operator.resource(name));
    const made = await watch.see();
    let stored: Stored[] = resources;
    /** Kills all, each before another command; then does it again with all of them at once, and a third time. */
    const round = async (operation: "create" | "update" | "delete", first: number, news: Properties[] = []) => {
      await watch.begin();
      const jobs = stored.map(({ folder, id, inputs, outputs }, i) =>
        operation === "create"
          ? { folder, operation, inputs }
          : { folder, operation, id, olds: outputs, inputs: news[i] ?? inputs },
      );
      const at = (i: number) => first + i * every;
      const kills = await Promise.all(jobs.map((job, i) => inTurn(() => operator.runKilled(job, at(i)))));
      const { results } = await operator.run(...jobs);
      const work = await watch.workOn(names);
      const before = withoutHost(await watch.changes());
      stored = stored.map((each, i) => ({ ...each, outputs: results[i]?.outs ?? each.outputs }));
      await operator.run(...jobs);
      assert.deepEqual(withoutHost(await watch.changes()), before, `${operation} again, where nothing is missing`);
      for (const name of names)
        assert.deepEqual(
          work[name],
          expectedWork(operation),
          `${operation} of ${name}, killed before command ${at(names.indexOf(name))}`,
        );
      return kills.at(-1) === true; // else it was the last of its commands
    };
    for (let first = 1, killed = true; killed; first += names.length * every) {
      const news = resources.map(({ inputs }) => withParameter(inputs, `round=${first}`));
      const updated = await round("update", first, news);
      const removed = await round("delete", first);
      const off = await watch.see();
      for (const name of names) {
        assert.deepEqual(off.machines[name], { power: "Off", runs: null, toplevel: null, mark: null }, name);
        assert.deepEqual(
          Object.keys(off.files).filter((path) => path.includes(name) && !path.startsWith("keys/")),
          [],
        );
      }
      const created = await round("create", first);
      assert.deepEqual(await watch.see(), made);
      killed = updated || removed || created;
    }
  });

  it("secrets of a machine: read by its services, although the run was killed when they were there and not read yet", async function () {
    this.timeout(120_000);
    await replaceSecretsKilled(operator, names[0] ?? "");
  });

  const thorough = every === 1;
  const updates = hostUpdates(names[0] ?? "", every);
  for (const update of thorough ? [...updates, ...clusterUpdates(JOINING, every)] : updates) {
    it(`${update.resource.replace(/node\d+/, "node")}: updated, however often it is killed`, async function () {
      this.timeout(300_000);
      await watch.begin();
      assert.ok((await updateKilled(update, { rack, operator, watch, bothWays: thorough })) > 0, "it was killed");
      assert.deepEqual((await watch.workOn([JOINING]))[JOINING], NOTHING);
    });
  }

  it("identity: what is kept of it stays as long as its machine is registered, which nobody has let go then", async function () {
    this.timeout(120_000);
    const { folder, id, outputs } = operator.resource(`${names[0]}-identity`);
    const before = await watch.see();
    assert.ok(`keys/nodes/${names[0]}.json` in before.files);
    await operator.run({ folder, operation: "delete", id, olds: outputs });
    assert.deepEqual(await watch.see(), before);
  });

  // What the provisioning host has of all machines goes with its server and with the keys: these come last.
  const KINDS: Kind[] = [
    {
      resource: "pxe",
      owns: (path) => /^(dnsmasq\/(dnsmasq.conf|dhcp-options)|nginx|tftp|http\/boot)/.test(path),
      every,
    },
    { resource: "image-worker", owns: (path) => /^(images\/worker|http\/images)/.test(path), every },
    { resource: `${names[0]}-identity`, owns: (path) => path === `keys/nodes/${names[0]}.json`, every: 1 },
    { resource: "chainfire-node04", owns: () => false, every: every + 1, member: JOINING },
    { resource: "health", owns: () => false, every: 4 * every, keeps: true },
    { resource: "keys", owns: (path) => path === "keys/cluster.json", every: 1 },
  ];

  it("each kind of resource that there is has its turn", () => {
    const tried = [names[0] ?? "", ...KINDS.map(({ resource }) => resource)];
    assert.deepEqual(
      [...new Set(tried.map((name) => operator.resource(name).folder))].sort(),
      [...RESOURCE_FOLDERS].sort(),
    );
  });

  for (const kind of KINDS) {
    const { resource, keeps, member } = kind;
    it(`${resource.replace(/node\d+/, "node")}: made, made again and taken away, however often it is killed`, async function () {
      this.timeout(300_000);
      const { folder, id, inputs, outputs } = operator.resource(resource);
      const own = async () => onlyOwn(await watch.see(), kind);
      const made = await own();
      const create = { folder, operation: "create", inputs } as const;
      const before = await watch.changes();
      await operator.run(create);
      assert.deepEqual(await watch.changes(), before, "made again, where nothing is missing");
      await operator.run({ folder, operation: "update", id, olds: outputs, inputs });
      assert.deepEqual(await own(), made, "updated, where nothing is missing");
      if (keeps) {
        for (let at = 1; await operator.runKilled(create, at); at += kind.every) await operator.run(create);
        return assert.deepEqual(await own(), made);
      }
      const remove = { folder, operation: "delete", id, olds: outputs } as const;
      await operator.run(remove);
      const gone = await own();
      if (member === undefined) assert.notDeepEqual(gone, made, "taken away");
      for (let at = 1, killed = true; killed; at += kind.every) {
        await watch.begin();
        killed = await operator.runKilled(create, at);
        await operator.run(create);
        assert.deepEqual(await own(), made, `made again after a kill before command ${at}`);
        if (member)
          assert.deepEqual((await watch.workOn([member]))[member], { ...NOTHING, added: 1 }, `killed at ${at}`);
        await watch.begin();
        const killedToo = await operator.runKilled(remove, at);
        await operator.run(remove);
        assert.deepEqual(await own(), gone, `taken away again after a kill before command ${at}`);
        if (member)
          assert.deepEqual((await watch.workOn([member]))[member], { ...NOTHING, removed: 1 }, `killed at ${at}`);
        killed ||= killedToo;
      }
      await operator.run(create);
    });
  }
}

function expectedWork(operation: "create" | "update" | "delete") {
  if (operation === "create") return { ...NOTHING, formatted: 1, installed: 1 };
  return operation === "update" ? NOTHING : { ...NOTHING, erased: 1 };
}

/** What is removed there is removed without a look. */
function withoutHost({ pxe1: _, ...machines }: Record<string, number>): Record<string, number> {
  return machines;
}

function onlyOwn({ files, machines }: Sight, { owns }: Kind): Sight {
  return { files: Object.fromEntries(Object.entries(files).filter(([path]) => owns(path))), machines };
}

/** The same machine with another kernel parameter: another system, and a restart. */
function withParameter(inputs: Properties, parameter: string): Properties {
  const { data } = inputs;
  if (typeof data !== "object" || data === null) throw new TypeError("the machine's inputs have no data");
  return { ...inputs, data: { ...data, kernelParams: [parameter] } };
}
