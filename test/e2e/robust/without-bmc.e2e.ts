// limit: 1000 s
import assert from "node:assert/strict";
import { LaunchedRack } from "../../../lab/simulated/launch.js";
import { SimulatedProject } from "../../../lab/simulated/project.js";
import { type RackEvent, RackEvents } from "../rack-events.js";
import { nodeOf } from "./counts.js";

const VOTERS = ["node01", "node02", "node03"];
/** A card that a packet wakes; and a person who presses the button. */
const WOKEN = "node04";
const BY_HAND = "node05";

/** The provisioning host sends the packets, the test is the person. */
describe("machines without a BMC", function () {
  this.bail(true);
  this.timeout(240_000);
  let rack: LaunchedRack;
  let project: SimulatedProject;
  let events: RackEvents;
  const seen: RackEvent[] = [];

  const declare = (change: (names: string[]) => string[] = (names) => names) =>
    project.declare(
      rack.cluster((args) => {
        nodeOf(args, WOKEN).bmc = { wakeOnLan: true };
        nodeOf(args, BY_HAND).bmc = { manual: true };
        const names = Object.keys(args.nodes);
        for (const name of names) if (!change(names).includes(name)) delete args.nodes[name];
      }),
    );
  /** One run; `person` does once what is asked for by the first words that fit. */
  const up = async (asked?: RegExp, person: () => Promise<unknown> = async () => {}) => {
    const child = project.start(["up", "--yes", "--skip-preview"], 200);
    let text = "";
    let done = asked === undefined;
    child.all.on("data", (part: Buffer) => {
      text += part.toString();
      if (done || asked?.test(text) !== true) return;
      done = true;
      void person();
    });
    const { exitCode, all } = await child;
    seen.push(...events.next());
    assert.equal(exitCode, 0, all);
    return all;
  };
  const powered = (name: string) =>
    seen
      .filter(({ event, machine }) => event === "power" && machine === name)
      .map(({ state, reason }) => [state, reason]);

  before(async () => {
    rack = await LaunchedRack.start({ machines: 5, seed: "without-bmc", speed: 40 });
    project = await SimulatedProject.make(rack);
    events = new RackEvents(rack);
  });
  after(async () => {
    await rack?.stop();
    project?.remove();
  });

  it("one is woken by a packet, the other by whoever reads what `pulumi up` asks for; it goes on by itself", async () => {
    declare();
    const text = await up(/Please switch node05 off and on again/, () =>
      rack.inject({ machines: { [BY_HAND]: { powerCycle: true } } }),
    );
    assert.match(text, /node04 is woken over the network\. If it is on already, please restart it\./);
    assert.match(
      text,
      /Please have node05 boot from the network \(PXE\) once, in UEFI mode: choose it in the boot menu\./,
    );
    assert.deepEqual(powered(WOKEN), [["on", "magic packet"]]);
    assert.deepEqual(powered(BY_HAND), [["on", "a person"]]);
    const { machines, violations } = await rack.status();
    for (const name of [...VOTERS, WOKEN, BY_HAND]) assert.equal(machines[name]?.runs, "system", name);
    assert.deepEqual(violations, []);
    await project.pulumi(["preview", "--expect-no-changes"], 60);
  });

  it("taken out, their systems shut down, and nobody is asked for anything", async () => {
    seen.length = 0;
    declare((names) => names.filter((name) => VOTERS.includes(name)));
    const text = await up();
    assert.doesNotMatch(text, /Please/);
    for (const name of [WOKEN, BY_HAND]) assert.deepEqual(powered(name), [["off", "systemctl poweroff"]]);
  });
});
