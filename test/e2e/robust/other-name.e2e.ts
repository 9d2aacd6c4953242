// limit: 600 s
import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import type { ClusterArgs } from "../../../components/cluster/args.js";
import { LaunchedRack } from "../../../lab/simulated/launch.js";
import { SimulatedProject } from "../../../lab/simulated/project.js";
import type { Status } from "../../../lab/simulated/schema.js";
import { nodeOf } from "./counts.js";
import { runAndInterrupt } from "./interrupted-run.js";

const UP = ["up", "--yes", "--skip-preview"];
const NODE = "node02";
const RENAMED = "node09";
const flat = (text: string) => text.replaceAll(/\s+/g, " ");

/** One voter, and workers. */
function declared(rack: LaunchedRack, change: (args: ClusterArgs) => void = () => {}): ClusterArgs {
  return rack.cluster((args) => {
    args.deadlines = { boot: "30s" };
    for (const [name, node] of Object.entries(args.nodes)) {
      if (name === "node01") continue;
      node.profile = "worker";
      delete node.bootstrap;
    }
    change(args);
  });
}

function rename(args: ClusterArgs): void {
  args.nodes[RENAMED] = nodeOf(args, NODE);
  delete args.nodes[NODE];
}

describe("a machine that runs is declared as another node", function () {
  this.bail(true);
  this.timeout(200_000);
  const OTHER = "node03";
  let rack: LaunchedRack;
  let project: SimulatedProject;
  let found: Status;

  /** Nothing was done to any machine, and all are registered as they were. */
  const isUntouched = async () => {
    const now = await rack.status();
    assert.deepEqual(now.violations, []);
    assert.deepEqual(now.machines, found.machines);
    const { pxe1: _, ...counts } = now.counts;
    const { pxe1: __, ...before } = found.counts;
    assert.deepEqual(counts, before, "power calls, boots, formats, installations, changes");
    const registered = ({ files }: Status) => Object.entries(files).filter(([path]) => !path.startsWith("keys/"));
    assert.deepEqual(registered(now), registered(found));
  };

  before(async () => {
    rack = await LaunchedRack.start({ machines: 3, seed: "other name", speed: 40 });
    project = await SimulatedProject.make(rack, declared(rack));
    await project.up();
    found = await rack.status();
  });
  after(async () => {
    await rack?.stop();
    project?.remove();
  });

  for (const [title, addressesOf] of [
    ["under another name", undefined],
    ["with other addresses, too", { provisioning: "10.77.1.40", cluster: "10.79.1.40" }],
  ] as const)
    it(`${title}: it is refused, and said how it gets one; it runs on`, async () => {
      project.declare(
        declared(rack, (args) => {
          rename(args);
          if (addressesOf !== undefined) nodeOf(args, RENAMED).addresses = addressesOf;
        }),
      );
      const { exitCode, all } = await project.start(UP, 90);
      assert.notEqual(exitCode, 0);
      assert.match(
        flat(all),
        /node09, first look, the machine with MAC 52:54:00:00:00:02: expected one that is no other node of this cluster but found that it was installed as node02\. Declare it as node02 again\. For another name, take it out first: `pulumi up` with neither of them, so that node02 leaves the cluster and is let go, and declare node09 then\. Nothing was changed\. \[NODE_REGISTERED\]/,
      );
      await isUntouched();
    });

  it("in another one's place: the preview refuses it, and that one is not let go for it", async () => {
    project.declare(
      declared(rack, (args) => {
        const { mac, clusterMac, serial, bmc, disk } = nodeOf(args, OTHER);
        Object.assign(nodeOf(args, NODE), { mac, clusterMac, serial, bmc, disk });
        delete args.nodes[OTHER];
      }),
    );
    for (const argv of [["preview"], UP]) {
      const { exitCode, all } = await project.start(argv, 90);
      assert.notEqual(exitCode, 0);
      assert.match(flat(all), /that it was installed as node03\. .* \[NODE_REGISTERED\]/);
    }
    await isUntouched();
  });

  it("under its own name again there is nothing to do; taken out first, it is installed as the other one", async () => {
    project.declare(declared(rack));
    await project.up(90);
    await isUntouched();
    project.declare(declared(rack, (args) => delete args.nodes[NODE]));
    await project.up(90);
    project.declare(declared(rack, rename));
    const { all } = await project.start(UP, 90);
    const release = /set disk\.release: (\S+) for node09/.exec(flat(all))?.[1];
    assert.ok(release, all);
    await rack.inject({ machines: { [NODE]: { released: true } } });
    project.declare(
      declared(rack, (args) => {
        rename(args);
        nodeOf(args, RENAMED).disk.release = release;
      }),
    );
    await project.up(90);
    const { machines, violations } = await rack.status();
    assert.deepEqual(violations, []);
    assert.equal(machines[NODE]?.runs, "system");
    await project.pulumi(["preview", "--expect-no-changes"], 60);
  });
});

for (const [title, addresses] of [
  ["", undefined],
  [", with another address,", { provisioning: "10.77.1.40", cluster: "10.79.1.40" }],
] as const)
  describe(`a machine that was in its installer when a run was interrupted is given another name${title}`, function () {
    this.bail(true);
    this.timeout(200_000);
    let rack: LaunchedRack;
    let project: SimulatedProject;

    before(async () => {
      rack = await LaunchedRack.start({ machines: 2, seed: "other name", speed: 40 });
      project = await SimulatedProject.make(rack, declared(rack));
      const end = await runAndInterrupt(rack, project, UP, "SIGTERM to the CLI", {
        at: ({ event, machine }) => event === "installer-up" && machine === NODE,
      });
      assert.ok(end.interrupted && end.exitCode !== 0, end.output);
    });
    after(async () => {
      await rack?.stop();
      project?.remove();
    });

    const declareRenamed = () =>
      project.declare(
        declared(rack, (args) => {
          rename(args);
          if (addresses !== undefined) nodeOf(args, RENAMED).addresses = addresses;
        }),
      );

    if (addresses === undefined)
      it("it is refused while that installer answers, and said whose it is", async () => {
        declareRenamed();
        const { exitCode, all } = await project.start(UP, 90);
        assert.notEqual(exitCode, 0);
        assert.match(
          flat(all),
          /node09 at 10\.77\.1\.3, first look: expected no answer, or this cluster's own host key but found another one: node02's installer, as it seems, for the machine's installation was begun as node02\. Declare it as node02 again, to go on with that\. To install it as node09, switch it off and run `pulumi up` again: .* \[NODE_FOREIGN\]/,
        );
        const { machines, violations } = await rack.status();
        assert.deepEqual(violations, []);
        assert.equal(machines[NODE]?.runs, "installer");
      });

    it("switched off it is installed under that, runs on when the other node is removed at last, and is registered once", async () => {
      await rack.inject({ machines: { [NODE]: { machine: { powerFails: true } } } });
      for (let tries = 0; (await rack.status()).machines[NODE]?.power !== "Off"; tries++) {
        assert.ok(tries < 100, "the machine does not lose its power");
        await sleep(50);
      }
      await rack.inject({ machines: { [NODE]: { machine: {} } } });
      declareRenamed();
      const text = flat(await project.up(120));
      assert.match(
        text,
        /node02: its machine is node09 now, by its MAC 52:54:00:00:00:02\. Only what is registered as node02 is removed; nothing is done to the machine\./,
      );
      const { machines, counts, files, violations } = await rack.status();
      assert.deepEqual(violations, []);
      assert.equal(machines[NODE]?.runs, "system");
      assert.deepEqual(counts[NODE]?.wipes, { "DISK-2": 1 });
      assert.deepEqual(
        Object.keys(files).filter((path) => path.includes(NODE) || path.includes("-00-02") || path.includes(RENAMED)),
        [
          `dnsmasq/hosts.d/${RENAMED}`,
          "http/nodes/52-54-00-00-00-02.ipxe",
          `keys/nodes/${RENAMED}.json`,
          `nodes/${RENAMED}/record.json`,
        ],
      );
      await project.pulumi(["refresh", "--yes", "--skip-preview"], 60);
      await project.pulumi(["preview", "--expect-no-changes"], 60);
    });
  });
