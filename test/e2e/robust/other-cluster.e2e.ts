// limit: 500 s
import assert from "node:assert/strict";
import type { ClusterArgs } from "../../../components/cluster/args.js";
import { LaunchedRack } from "../../../lab/simulated/launch.js";
import { SimulatedProject } from "../../../lab/simulated/project.js";
import type { Status } from "../../../lab/simulated/schema.js";
import { nodeOf } from "./counts.js";

const UP = ["up", "--yes", "--skip-preview"];
const NODE = "node02";
const OTHER = "node01";
const flat = (text: string) => text.replaceAll(/\s+/g, " ");

/** One voter, and a worker. */
function declared(rack: LaunchedRack, change: (args: ClusterArgs) => void = () => {}): ClusterArgs {
  return rack.cluster((args) => {
    args.deadlines = { boot: "30s" };
    const node = nodeOf(args, NODE);
    node.profile = "worker";
    delete node.bootstrap;
    change(args);
  });
}

/** That worker's machine as the only one of another cluster, at other addresses. */
function elsewhere(rack: LaunchedRack): ClusterArgs {
  return rack.cluster((args) => {
    args.name = "other";
    args.pxe.prepare = false;
    args.deadlines = { boot: "30s" };
    const node = nodeOf(args, NODE);
    node.addresses = { provisioning: "10.77.1.40", cluster: "10.79.1.40" };
    args.nodes = { web01: node };
  });
}

/**
 * Two stacks share a provisioning host. The first one's boot servers are off, as who makes room for the second one's would have
 * it: nothing that serves tells that its machines live.
 */
describe("a machine of one cluster is declared in another one on the same provisioning host", function () {
  this.bail(true);
  this.timeout(200_000);
  let rack: LaunchedRack;
  let first: SimulatedProject;
  let second: SimulatedProject;
  let found: Status;

  before(async () => {
    rack = await LaunchedRack.start({ machines: 2, seed: "other cluster", speed: 40 });
    first = await SimulatedProject.make(rack, declared(rack), "first");
    await first.up();
    await rack.inject({ host: { serversEnd: true } });
    found = await rack.status();
    second = await SimulatedProject.make(rack, elsewhere(rack), "second");
  });
  after(async () => {
    await rack?.stop();
    first?.remove();
    second?.remove();
  });

  it("it is refused, and said whose it is and how it is let go; it runs on", async () => {
    const { exitCode, all } = await second.start(UP, 90);
    assert.notEqual(exitCode, 0);
    assert.match(
      flat(all),
      /web01, first look, the machine with MAC 52:54:00:00:00:02: expected one that no other cluster on this provisioning host has but found that cluster sim has installed it as node02\. Declare it in one cluster only\. To take it over, take node02 out of cluster sim first \(`pulumi up` there without it, or `pulumi destroy`; where that changes nothing, as after a run that was killed, `pulumi up` with it before\): it leaves its services, and is let go\. If that cluster is no more, forget it on the provisioning host: `rm -rf \/var\/lib\/flint\/sim\/dnsmasq\/hosts\.d\/node02 \/var\/lib\/flint\/sim\/nodes\/node02 \/var\/lib\/flint\/sim\/http\/nodes\/52-54-00-00-00-02\.ipxe`\. Nothing was changed\. \[NODE_REGISTERED\]/,
    );
    const { machines, counts, files, violations } = await rack.status();
    assert.deepEqual(violations, []);
    assert.deepEqual(machines, found.machines);
    assert.deepEqual(counts[NODE], found.counts[NODE], "power calls, boots, formats, installations, changes");
    assert.deepEqual(files, found.files);
    await first.pulumi(["preview", "--expect-no-changes"], 60);
  });

  it("taken out of the first one it is nobody's, and the second one boots it and asks for its disk", async () => {
    first.declare(declared(rack, (args) => delete args.nodes[NODE]));
    await first.up(90);
    const left = Object.keys((await rack.status()).files);
    assert.deepEqual(
      left.filter((path) => path.includes(NODE) || path.includes("-00-02")),
      [],
    );
    const { exitCode, all } = await second.start(UP, 90);
    assert.notEqual(exitCode, 0);
    assert.match(
      flat(all),
      /web01, look at its disks, disk DISK-2: expected a blank disk, or one formatted by this installation but found \/dev\/vda \(serial DISK-2, 100 GB: gpt, vfat, ext4\)\. To wipe it, set disk\.release: \S+ for web01; .* \[DISK_NOT_OURS\]/,
    );
    const { machines, counts, violations } = await rack.status();
    assert.deepEqual(violations, []);
    assert.equal(machines[NODE]?.runs, "installer");
    assert.deepEqual(counts[NODE]?.wipes, found.counts[NODE]?.wipes);
  });

  it("in another one's place: the preview refuses it, and that one is not let go for it", async () => {
    const before = await rack.status();
    const other = elsewhere(rack);
    const { mac, clusterMac, serial, bmc, disk } = nodeOf(rack.cluster(), OTHER);
    Object.assign(nodeOf(other, "web01"), { mac, clusterMac, serial, bmc, disk });
    second.declare(other);
    for (const argv of [["preview"], UP]) {
      const { exitCode, all } = await second.start(argv, 90);
      assert.notEqual(exitCode, 0);
      assert.match(flat(all), /that cluster sim has installed it as node01\. .* \[NODE_REGISTERED\]/);
    }
    const { machines, violations } = await rack.status();
    assert.deepEqual(violations, []);
    assert.deepEqual(machines, before.machines);
  });
});
