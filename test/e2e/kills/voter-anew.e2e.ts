// limit: 900 s
import assert from "node:assert/strict";
import { LaunchedRack } from "../../../lab/simulated/launch.js";
import { SimulatedProject } from "../../../lab/simulated/project.js";
import { type RackEvent, RackEvents } from "../rack-events.js";
import { type Change, lifeOf, MACHINES } from "./changes.js";
import { judgeMembers } from "./judge.js";
import { type KilledRun, type Moment, runAndKill } from "./killed-run.js";

const named = (title: string): Change => lifeOf(1).find((each) => each.title === title) ?? assert.fail(title);

/** When the raft service took this machine in. */
const added = (service: string, id: string): Moment => ({
  milliseconds: 0,
  frozen: true,
  hasCome: (events) =>
    events.some((each) => each.event === "member-added" && each.service === service && each.id === id),
});
const NEVER: Moment = { milliseconds: 0, frozen: true, hasCome: () => false };

describe("a voter is installed anew, and the run is killed when its new system has joined by itself:", function () {
  this.bail(true);
  this.timeout(300_000);
  let rack: LaunchedRack;
  let project: SimulatedProject;
  let events: RackEvents;
  const seen: RackEvent[] = [];
  const look = () => {
    const news = events.next();
    seen.push(...news);
    return news;
  };
  const up = (moment: Moment): Promise<KilledRun> =>
    runAndKill(rack, project, ["up", "--yes", "--skip-preview"], moment, look);
  const declare = (change: Change) => project.declare(rack.cluster(change.declare ?? assert.fail(change.title)));

  before(async () => {
    rack = await LaunchedRack.start({ machines: MACHINES.length, seed: "voter-anew", speed: 40 });
    project = await SimulatedProject.make(rack);
    events = new RackEvents(rack);
    declare(named("three machines from nothing"));
    const { exitCode, output } = await up(NEVER);
    assert.equal(exitCode, 0, output);
  });
  after(async () => {
    await rack?.stop();
    project?.remove();
  });

  const anew = named("a voter installed anew");

  it("the run is killed then", async () => {
    declare(anew);
    seen.length = 0;
    const { killed, output } = await up(added("flaredb", "node03"));
    assert.ok(killed, output);
  });

  it("the next preview says that it goes on, and nothing of leaving", async () => {
    rack.thaw();
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
});
