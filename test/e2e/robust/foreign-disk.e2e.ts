// limit: 800 s
import assert from "node:assert/strict";
import { LaunchedRack } from "../../../lab/simulated/launch.js";
import { SimulatedProject } from "../../../lab/simulated/project.js";
import { nodeOf } from "./counts.js";

const NODE = "node04";
const OTHERS = ["node01", "node02", "node03"];

/** A disk is wiped only with consent that names what is on it, as the preview shows it. */
describe("a machine whose disk holds somebody's file system", function () {
  this.bail(true);
  this.timeout(200_000);
  let rack: LaunchedRack;
  let project: SimulatedProject;
  /** As the refusals named them. */
  let ofXfs = "";
  let ofExt4 = "";

  const declare = (release?: string) =>
    project.declare(
      rack.cluster((args) => {
        const { disk } = nodeOf(args, NODE);
        if (release !== undefined) disk.release = release;
      }),
    );
  const flat = (text: string) => text.replaceAll(/\s+/g, " ");
  const preview = async () => flat(await project.pulumi(["preview"], 60));
  /** One run that the disk stops. @returns the fingerprint that its error names. */
  const refused = async (holds: string): Promise<string> => {
    // With the option the others are finished however early this one is refused.
    const { exitCode, all } = await project.start(["up", "--yes", "--skip-preview", "--continue-on-error"], 150);
    assert.notEqual(exitCode, 0, all);
    const told = new RegExp(
      `node04, look at its disks, disk DISK-4: expected a blank disk, or one formatted by this installation but found /dev/vda \\(serial DISK-4, 100 GB: ${holds}\\)\\. To wipe it, set disk\\.release: (\\S+) for node04; or declare another disk\\. Nothing was written\\. \\[DISK_NOT_OURS\\]`,
    );
    const fingerprint = told.exec(flat(all))?.[1];
    assert.ok(fingerprint, all);
    const { counts, violations } = await rack.status();
    assert.deepEqual(violations, []);
    assert.deepEqual(counts[NODE]?.wipes, {}, "nothing was written");
    return fingerprint;
  };
  const tells = (text: string, line: string) => assert.ok(text.includes(line), `expected: ${line}\nin:\n${text}`);

  before(async () => {
    rack = await LaunchedRack.start({ machines: 4, seed: "foreign-disk", speed: 40, foreign: { [NODE]: "xfs" } });
    project = await SimulatedProject.make(rack);
  });
  after(async () => {
    await rack?.stop();
    project?.remove();
  });

  it("is refused, the others are finished; the next preview names the same fingerprint", async () => {
    ofXfs = await refused("xfs");
    const { machines } = await rack.status();
    for (const name of OTHERS) assert.equal(machines[name]?.runs, "system", name);
    const text = await preview();
    tells(
      text,
      `node04: /dev/vda (serial DISK-4, 100 GB: xfs) was refused, and is not wiped. To wipe it, set disk.release: ${ofXfs} for node04; or declare another disk.`,
    );
    assert.doesNotMatch(text, /WILL BE WIPED/);
  });

  it("is refused again with the fingerprint of something else, of which the preview warns", async () => {
    declare("DISK-4-000000");
    tells(
      await preview(),
      `node04: disk.release: DISK-4-000000 does not name what was found on /dev/vda (serial DISK-4, 100 GB: xfs): it is not wiped. To wipe it, set disk.release: ${ofXfs} for node04; or declare another disk.`,
    );
    assert.equal(await refused("xfs"), ofXfs);
  });

  it("is refused with a consent that was right, once its disk holds something else", async () => {
    declare(ofXfs);
    await rack.inject({ machines: { [NODE]: { released: true } } });
    tells(
      await preview(),
      `warning: node04: /dev/vda (serial DISK-4, 100 GB: xfs) WILL BE WIPED: disk.release: ${ofXfs} names what was found on it.`,
    );
    const later = { foreign: "xfs", uuid: "6a1cbf0d-95a5-4a9d-9d4e-3f6d9a7c2b10" };
    await rack.inject({ machines: { [NODE]: { machine: { otherDisk: later } } } });
    assert.notEqual(await refused("xfs"), ofXfs, "of the same kind, and made later");
    await rack.inject({ machines: { [NODE]: { machine: { otherDisk: { foreign: "ext4" } } } } });
    ofExt4 = await refused("ext4");
    assert.notEqual(ofExt4, ofXfs);
  });

  it("is wiped once, after a preview that says so, with the fingerprint of what is there; then nothing is to do", async () => {
    declare(ofExt4);
    await rack.inject({ machines: { [NODE]: { released: true } } });
    tells(
      await preview(),
      `warning: node04: /dev/vda (serial DISK-4, 100 GB: ext4) WILL BE WIPED: disk.release: ${ofExt4} names what was found on it.`,
    );
    await project.up(150);
    const { counts, machines, violations } = await rack.status();
    assert.deepEqual(violations, []);
    assert.deepEqual(counts[NODE]?.wipes, { "DISK-4": 1 });
    assert.deepEqual(Object.values(counts[NODE]?.installs ?? {}), [1]);
    assert.equal(machines[NODE]?.runs, "system");
    for (const name of OTHERS) assert.deepEqual(Object.values(counts[name]?.wipes ?? {}), [1], name);
    assert.doesNotMatch(await project.pulumi(["preview", "--expect-no-changes"], 60), /WILL BE WIPED|was refused/);
  });
});
