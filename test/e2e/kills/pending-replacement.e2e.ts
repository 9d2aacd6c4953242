// limit: 1200 s
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { LaunchedRack } from "../../../lab/simulated/launch.js";
import { SimulatedProject } from "../../../lab/simulated/project.js";
import type { Status } from "../../../lab/simulated/schema.js";
import { type RackEvent, RackEvents } from "../rack-events.js";
import { nodeOf, workOn } from "../robust/counts.js";
import { RAFT_SERVICES } from "./changes.js";
import { type Moment, runAndKill } from "./killed-run.js";
import { NEVER } from "./moments.js";

const NODE = "node03";

const stateSchema = z.object({
  checkpoint: z.object({
    latest: z.object({ resources: z.array(z.object({ urn: z.string(), pendingReplacement: z.boolean().optional() })) }),
  }),
});

/** Pulumi has deleted a resource, its state says that another comes in its place, and nothing differs for the provider any more. */
describe("a run is killed while the state has a replacement to finish:", function () {
  this.bail(true);
  this.timeout(240_000);
  let rack: LaunchedRack;
  let project: SimulatedProject;
  let events: RackEvents;
  let start: Status;
  const seen: RackEvent[] = [];
  const look = () => {
    const news = events.next();
    seen.push(...news);
    return news;
  };
  const up = (moment: Moment) => runAndKill(rack, project, ["up", "--yes", "--skip-preview"], moment, look);
  const declare = (generation: number) =>
    project.declare(
      rack.cluster((args) => {
        nodeOf(args, NODE).generation = generation;
      }),
    );

  /** Whether each of node03's resources waits for its replacement, by name. */
  const pending = (): Record<string, boolean> => {
    try {
      const file = join(project.directory, "state/.pulumi/stacks/flint/sim.json");
      const { checkpoint } = stateSchema.parse(JSON.parse(readFileSync(file, "utf8")));
      const own = checkpoint.latest.resources.filter(({ urn }) => urn.endsWith(NODE));
      return Object.fromEntries(
        own.map(({ urn, pendingReplacement }) => [urn.split("::").at(-1), pendingReplacement === true]),
      );
    } catch {
      return {}; // it is being written
    }
  };
  /** The machine was let go, nothing has come in its place. */
  const machineIsGone: Moment = { ...NEVER, hasCome: () => pending()[NODE] === true };
  /** It came, and its members have not. */
  const membersAreMissing: Moment = {
    ...NEVER,
    hasCome() {
      const now = seen.some(({ event, machine }) => event === "system-up" && machine === NODE) ? pending() : {};
      return now[NODE] === false && now[`chainfire-${NODE}`] === true;
    },
  };
  const judge = async () => {
    assert.match(await project.pulumi(["stack", "output", "health"], 60), /^3 nodes healthy; /);
    await project.pulumi(["refresh", "--yes", "--skip-preview", "--clear-pending-creates"], 120);
    await project.pulumi(["preview", "--expect-no-changes"], 120);
    for (const service of RAFT_SERVICES)
      for (const event of ["member-removed", "member-added"]) {
        const times = seen.filter((each) => each.event === event && each.service === service && each.id === NODE);
        assert.equal(times.length, 1, `${service}: ${event}`);
      }
    assert.deepEqual((await rack.status()).violations, []);
  };

  before(async () => {
    rack = await LaunchedRack.start({ machines: 3, seed: "pending-replacement", speed: 40 });
    project = await SimulatedProject.make(rack);
    events = new RackEvents(rack);
    declare(1);
    await project.up(200);
  });
  beforeEach(async () => {
    rack?.thaw();
    look();
    seen.length = 0;
    start = await rack.status();
  });
  after(async () => {
    await rack?.stop();
    project?.remove();
  });

  it("the new machine is there, its members are not: they join, and stay", async () => {
    declare(2);
    // So that there is a moment between the two.
    await rack.inject({ machines: { [NODE]: { machine: { services: { late: 200_000 } } } } });
    const { killed, output } = await up(membersAreMissing);
    assert.ok(killed, output);
    rack.thaw();
    await rack.inject({ machines: { [NODE]: { machine: {} } } });
    const last = await up(NEVER);
    assert.equal(last.exitCode, 0, last.output);
    assert.deepEqual(workOn(start, await rack.status(), NODE), { formatted: 1, installed: 1 });
    await judge();
  });

  it("the old machine is let go, and then what is declared is as it was: it comes back, and stays", async () => {
    declare(3);
    const { killed, output } = await up(machineIsGone);
    assert.ok(killed, output);
    declare(2);
    const last = await up(NEVER);
    assert.equal(last.exitCode, 0, last.output);
    assert.equal((await rack.status()).machines[NODE]?.runs, "system");
    await judge();
  });
});
