// limit: 400 s
import assert from "node:assert/strict";
import { LaunchedRack } from "../../../lab/simulated/launch.js";
import { SimulatedProject } from "../../../lab/simulated/project.js";
import { RackEvents } from "../rack-events.js";
import { nodeOf } from "./counts.js";

/** With real firmware: `library.e2e.ts`. */
describe("a machine that boots by UEFI HTTP boot", function () {
  this.bail(true);
  this.timeout(120_000);
  let rack: LaunchedRack;
  let project: SimulatedProject;
  let events: RackEvents;

  const declare = (networkBoot?: "pxe" | "uefi-http", mode: "full" | "proxy" = "full") =>
    project.declare(
      rack.cluster((args) => {
        args.pxe.dhcp.mode = mode;
        Object.assign(nodeOf(args, "node01"), networkBoot === undefined ? {} : { networkBoot });
      }),
    );

  before(async () => {
    rack = await LaunchedRack.start({ machines: 1, seed: "uefi-http-boot", speed: 40 });
    project = await SimulatedProject.make(rack);
    events = new RackEvents(rack);
  });
  after(async () => {
    await rack?.stop();
    project?.remove();
  });

  it("is refused where our DHCP cannot serve it, before anything is touched", async () => {
    declare("uefi-http", "proxy");
    const { exitCode, all } = await project.start(["up", "--yes", "--skip-preview"], 60);
    assert.notEqual(exitCode, 0);
    assert.match(all, /nodes\.node01\.networkBoot: uefi-http in mode proxy of pxe\.dhcp/);
    assert.deepEqual(events.next(), []);
  });

  it("is installed: its BMC is told, and its boot file comes by HTTP instead of TFTP", async () => {
    declare("uefi-http");
    await project.up();
    const seen = events.next();
    const of = (kind: string) => seen.filter(({ event, machine }) => event === kind && machine === "node01");
    assert.deepEqual(
      of("boot").map(({ from, override }) => [from, override]),
      [
        ["network", "UefiHttp"],
        ["disk", "None"],
      ],
    );
    assert.deepEqual(
      of("http-boot").map(({ path }) => path),
      ["/boot/snponly.efi"],
    );
    const { machines, violations } = await rack.status();
    assert.equal(machines.node01?.runs, "system");
    assert.deepEqual(violations, []);
  });

  it("is as declared then, and still is when it shall be installed by PXE the next time", async () => {
    for (const networkBoot of ["uefi-http", undefined, "pxe"] as const) {
      declare(networkBoot);
      await project.pulumi(["preview", "--expect-no-changes"], 60);
    }
  });
});
