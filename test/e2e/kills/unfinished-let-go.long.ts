// limit: 600 s
import assert from "node:assert/strict";
import { LaunchedRack } from "../../../lab/simulated/launch.js";
import { SimulatedProject } from "../../../lab/simulated/project.js";
import { type RackEvent, RackEvents } from "../rack-events.js";
import { nodeOf } from "../robust/counts.js";
import { type Ending, type Moment, runAndKill } from "./killed-run.js";

const NODE = "node04";

/** Its disk is laid out, and the system is on its way there: the copy hangs. */
const inTheCopy: Moment = {
  milliseconds: 0,
  frozen: false,
  hasCome: (events) => events.some(({ event, machine }) => event === "faults" && machine === NODE),
};

/** The machine is in its installer then, with the half of a system on its disk. */
describe("a machine whose installation was ended in the middle is let go:", function () {
  this.bail(true);
  this.timeout(240_000);
  let rack: LaunchedRack;
  let project: SimulatedProject;
  let events: RackEvents;
  const seen: RackEvent[] = [];
  const look = () => {
    const news = events.next();
    seen.push(...news);
    return news;
  };
  const declare = (onDelete: "wipe" | "power-off" | undefined) =>
    project.declare(
      rack.cluster((args) => {
        if (onDelete === undefined) delete args.nodes[NODE];
        else nodeOf(args, NODE).onDelete = onDelete;
      }),
    );
  const cut = async (how: Ending) => {
    await rack.inject({ machines: { [NODE]: { at: "closure", machine: { copyHangs: 1 } } } });
    const { killed, wrong, output } = await runAndKill(rack, project, UP, inTheCopy, look, how);
    assert.ok(killed, output);
    assert.deepEqual(wrong, []);
    rack.thaw();
    await rack.inject({ machines: { [NODE]: { machine: {} } } });
    assert.equal((await rack.status()).machines[NODE]?.runs, "installer");
    look();
    seen.length = 0;
  };
  const UP = ["up", "--yes", "--skip-preview"];
  const erased = () => {
    look();
    return seen.flatMap(({ event, machine }) => (event === "erase" ? [machine] : []));
  };
  const isGone = async () => {
    const { machines, files, violations } = await rack.status();
    assert.deepEqual(violations, []);
    assert.equal(machines[NODE]?.power, "Off");
    assert.deepEqual(
      Object.keys(files).filter((path) => path.includes(NODE)),
      [],
    );
    return machines[NODE];
  };

  before(async () => {
    rack = await LaunchedRack.start({ machines: 4, seed: "unfinished", speed: 40 });
    project = await SimulatedProject.make(rack);
    events = new RackEvents(rack);
    declare(undefined);
    await project.up(200);
  });
  after(async () => {
    await rack?.stop();
    project?.remove();
  });

  it("with onDelete: wipe, never on another machine than the one that the installer was started on", async () => {
    declare("wipe");
    await cut("SIGTERM to the CLI");
    await cut("SIGKILL");
    declare(undefined);
    await rack.inject({ machines: { [NODE]: { machine: { otherSerial: "ANOTHER" } } } });
    const { exitCode, all } = await project.start(UP, 200);
    assert.notEqual(exitCode, 0);
    assert.match(
      all.replaceAll(/\s+/g, " "),
      /node04 at [\d.]+, wipe: expected a machine with serial \S+ but found serial ANOTHER\. .* \[MACHINE_IDENTITY\]/,
    );
    assert.deepEqual(erased(), []);
    await rack.inject({ machines: { [NODE]: { machine: {} } } });
  });

  it("and on that one its disk is wiped from the installer, once, and it is switched off", async () => {
    await project.up(200);
    assert.deepEqual(erased(), [NODE]);
    assert.equal((await isGone())?.mark, null);
    await project.pulumi(["preview", "--expect-no-changes"], 60);
  });

  it("without it, it is switched off, and its disk is left as it is", async () => {
    declare("power-off");
    await cut("SIGTERM to the CLI");
    declare(undefined);
    await project.up(200);
    assert.deepEqual(erased(), []);
    assert.notEqual((await isGone())?.mark, null);
  });

  it("by a destroy, too: its disk is wiped from the installer, once", async () => {
    declare("wipe");
    await cut("SIGTERM to the CLI");
    await cut("SIGKILL");
    await project.pulumi(["destroy", "--yes", "--skip-preview"], 200);
    assert.deepEqual(erased(), [NODE]);
    assert.equal((await isGone())?.mark, null);
    assert.deepEqual(Object.keys((await rack.status()).files), []);
  });
});
