// limit: 800 s
import assert from "node:assert/strict";
import { LaunchedRack } from "../../../lab/simulated/launch.js";
import { SimulatedProject } from "../../../lab/simulated/project.js";
import type { Status } from "../../../lab/simulated/schema.js";
import { forgetOnHost } from "./forget-on-host.js";

const LIVING = "node03";
const OTHERS = ["node01", "node02"];
/** Longer than anybody waits, in simulated milliseconds. */
const FOR_EVER = 1e8;

/** The state is lost, the provisioning host has forgotten its machines, and one voter's sshd takes no connection. */
describe("a voter that serves, of which nobody knows, and whose ssh is down", function () {
  this.bail(true);
  let rack: LaunchedRack;
  let project: SimulatedProject;
  let found: Status;
  const up = () => project.start(["up", "--yes", "--skip-preview"], 150);

  before(async function () {
    this.timeout(180_000);
    rack = await LaunchedRack.start({ machines: 3, seed: "living", speed: 40 });
    project = await SimulatedProject.make(rack);
    await project.up();
    await project.pulumi(["stack", "rm", "sim", "--force", "--yes"], 60);
    await project.pulumi(["stack", "init", "sim"], 60);
    await forgetOnHost(rack, "nodes", "http/nodes", "dnsmasq/hosts.d");
    await rack.inject({ machines: { [LIVING]: { machine: { sshRefused: FOR_EVER } } } });
    found = await rack.status();
    assert.deepEqual(registered(found), []);
  });
  after(async () => {
    await rack?.stop();
    project?.remove();
  });

  it("is refused by what serves on it: no power call, no format, nothing registered; the others are taken over", async function () {
    this.timeout(180_000);
    const { exitCode, all } = await up();
    assert.notEqual(exitCode, 0);
    const told = all.replaceAll(/\s+/g, " ");
    assert.match(
      told,
      /node03 at 10\.77\.1\.4, first look: expected its ssh to answer, or nothing at all but found that it lives: chainfire at https:\/\/10\.77\.1\.4:2379 answers 200, flaredb at https:\/\/10\.77\.1\.4:2479 answers 200; its ssh is refused\. See `systemctl status sshd` at its console, mend its ssh, and run `pulumi up` again: it is taken over as it runs\. To install it anew, switch it off first\. Nothing was changed\. \[NODE_LIVING\]/,
    );
    assert.deepEqual([...new Set(told.match(/\[[A-Z]+_[A-Z_]+\]/g))], ["[NODE_LIVING]"], told);
    const after = await rack.status();
    assert.deepEqual(after.violations, []);
    assert.deepEqual(withoutHost(after), withoutHost(found), "power calls, boots, formats, installations, changes");
    assert.deepEqual(after.machines, found.machines);
    assert.deepEqual(
      registered(after).filter((path) => path.startsWith("dnsmasq/")),
      OTHERS.map((name) => `dnsmasq/hosts.d/${name}`),
    );
  });

  it("is taken over by a plain `up` as soon as its ssh answers", async function () {
    this.timeout(180_000);
    await rack.inject({ machines: { [LIVING]: { machine: {} } } });
    const { exitCode, all } = await up();
    assert.equal(exitCode, 0, all);
    const after = await rack.status();
    assert.deepEqual(after.violations, []);
    assert.deepEqual(withoutHost(after), withoutHost(found));
    assert.deepEqual(after.machines, found.machines);
    assert.match(await project.pulumi(["stack", "output", "health"], 60), /3 nodes healthy/);
  });
});

/** What the provisioning host knows of machines. */
function registered({ files }: Status): string[] {
  return Object.keys(files).filter((path) => /^(nodes|http\/nodes|dnsmasq\/hosts\.d)\//.test(path));
}

/** What was done to the machines; the provisioning host may be written to. */
function withoutHost({ counts: { pxe1: _, ...machines } }: Status): Status["counts"] {
  return machines;
}
