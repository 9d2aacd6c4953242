// limit: 1800 s
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { ClusterArgs } from "../../../components/cluster/args.js";
import { LaunchedRack } from "../../../lab/simulated/launch.js";
import { SimulatedProject } from "../../../lab/simulated/project.js";
import { type RackEvent, RackEvents } from "../rack-events.js";
import { nodeOf } from "../robust/counts.js";
import { type Change, lifeOf, MACHINES } from "./changes.js";
import { judgeMembers } from "./judge.js";
import { type KilledRun, type Moment, runAndKill } from "./killed-run.js";
import { afterMemberAdded, letIn, lockedOut, NEVER } from "./moments.js";

const named = (title: string): Change => lifeOf(1).find((each) => each.title === title) ?? assert.fail(title);

describe("a voter is installed anew, and the run is killed when its new system has joined by itself:", function () {
  this.bail(true);
  this.timeout(300_000);
  let rack: LaunchedRack;
  let project: SimulatedProject;
  let events: RackEvents;
  /** The state of before. */
  let backup: string;
  const seen: RackEvent[] = [];
  const look = () => {
    const news = events.next();
    seen.push(...news);
    return news;
  };
  const up = (moment: Moment): Promise<KilledRun> =>
    runAndKill(rack, project, ["up", "--yes", "--skip-preview"], moment, look);
  const declare = (change: Change, more: (args: ClusterArgs) => void = () => {}) =>
    project.declare(
      rack.cluster((args) => {
        change.declare?.(args);
        more(args);
      }),
    );

  before(async () => {
    rack = await LaunchedRack.start({ machines: MACHINES.length, seed: "voter-anew", speed: 40 });
    project = await SimulatedProject.make(rack);
    events = new RackEvents(rack);
    declare(named("a worker more"));
    const { exitCode, output } = await up(NEVER);
    assert.equal(exitCode, 0, output);
    backup = await project.pulumi(["stack", "export"], 60);
  });
  after(async () => {
    await rack?.stop();
    project?.remove();
  });

  const anew = named("a voter installed anew");

  it("the run is killed then", async () => {
    declare(anew, (args) => {
      nodeOf(args, "node04").generation = 2; // and a worker
    });
    seen.length = 0;
    await rack.inject(lockedOut("node03"));
    const { killed, output } = await up(afterMemberAdded("flaredb", "node03"));
    assert.ok(killed, output);
  });

  it("the next preview says that it goes on, and nothing of leaving", async () => {
    rack.thaw();
    await rack.inject(letIn("node03"));
    const text = await project.pulumi(["preview"], 120);
    assert.match(text, /node03 has left the cluster for this: the installation that was begun goes on\./);
    assert.doesNotMatch(text, /node03 leaves/);
  });

  it("the next `up` leaves it in: it has left once and joined once", async () => {
    const { exitCode, output } = await up(NEVER);
    assert.equal(exitCode, 0, output);
    assert.deepEqual(judgeMembers(anew, seen), []);
    assert.match(await project.pulumi(["stack", "output", "health"], 60), /^\d nodes healthy; /);
    await project.pulumi(["refresh", "--yes", "--skip-preview", "--clear-pending-creates"], 120);
    await project.pulumi(["preview", "--expect-no-changes"], 120);
  });

  it("with the state of before, as from a backup, nothing is done to what was installed anew: it is taken over", async () => {
    const file = join(project.directory, "backup.json");
    writeFileSync(file, backup);
    await project.pulumi(["stack", "import", "--file", file], 60);
    seen.length = 0;
    const { exitCode, output } = await up(NEVER);
    assert.equal(exitCode, 0, output);
    for (const name of ["node03", "node04"])
      assert.match(
        output,
        new RegExp(`${name} has been installed anew since this state was written: nothing is done to it\\.`),
      );
    const touched = ["power", "boot", "format", "installed", "restart", "member-added", "member-removed"];
    assert.deepEqual(
      seen.filter(({ event }) => touched.includes(event)),
      [],
    );
    await project.pulumi(["preview", "--expect-no-changes"], 120);
  });

  it("of a worker whose installation was begun the preview says that it goes on, too", async () => {
    declare(anew, (args) => {
      nodeOf(args, "node04").generation = 3;
    });
    const { killed, output } = await up({ ...NEVER, hasCome: (news) => news.some(({ event }) => event === "format") });
    assert.ok(killed, output);
    rack.thaw();
    assert.match(await project.pulumi(["preview"], 120), /node04: the installation that was begun goes on\./);
    assert.equal((await up(NEVER)).exitCode, 0);
    await project.pulumi(["refresh", "--yes", "--skip-preview", "--clear-pending-creates"], 120);
    await project.pulumi(["preview", "--expect-no-changes"], 120);
  });
});
