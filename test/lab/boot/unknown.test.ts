// limit: 600 s
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { BootBench } from "../../../lab/boot/bench.js";
import type { BootMachine } from "../../../lab/boot/boot-machine.js";
import type { BootServer } from "../../../lab/boot/boot-server.js";
import { DISK_REPORT } from "../../../lab/boot/reporting-disk.js";
import { CANDIDATES } from "../../../providers/pxe-server/candidates.js";
import { parseCandidates } from "../../../providers/pxe-server/parse-candidates.js";
import { skipUnlessRoot } from "./skip-unless-root.js";

const MACHINES = [
  { firmware: "uefi", mac: "52:54:00:0f:00:01", serial: "BENCH UEFI" },
  { firmware: "bios", mac: "52:54:00:0f:00:02", serial: "BENCH/BIOS" },
] as const;

const PROFILES = ["control-plane", "worker", "all-in-one"];
const item = (profile: string) => `How to declare it as ${profile}`;
const menus = (machine: BootMachine) => machine.timesShown("is not a machine of cluster bench");

describe("a machine that nobody declared", function () {
  this.timeout(700_000);
  skipUnlessRoot();
  let bench: BootBench;
  let server: BootServer;
  const machines = new Map<string, { machine: BootMachine; disk: Buffer }>();
  const started = (firmware: string) => machines.get(firmware) ?? assert.fail(`no ${firmware}`);

  before(async () => {
    ({ bench, server } = await BootBench.simple());
    for (const { firmware, mac, serial } of MACHINES) {
      const machine = await bench.powerOn({ firmware, serial, cards: [{ mac, to: "switch" }], disk: true });
      machines.set(firmware, { machine, disk: machine.disk() });
    }
  });
  after(() => bench?.close());

  for (const { firmware, mac, serial } of MACHINES)
    it(`gets a menu, goes on to its disk by itself, and is a candidate: ${firmware}`, async () => {
      const { machine, disk } = started(firmware);
      await machine.until("the disk's report", () => machine.reports().startsWith(DISK_REPORT));
      for (const shown of [`${mac} is not a machine of cluster bench`, "Boot from disk", ...PROFILES.map(item)])
        assert.ok(machine.timesShown(shown) > 0, shown);
      assert.ok(machine.disk().equals(disk), "nothing was written to its disk");
      const printed = execFileSync("sh", ["-s", server.root], { input: CANDIDATES, encoding: "utf8" });
      const { seen, uuid, ...candidate } = parseCandidates(printed).find((each) => each.mac === mac) ?? { seen: "" };
      assert.deepEqual(candidate, { mac, serial, manufacturer: "Flint Lab", product: "Bench", architecture: firmware });
      assert.match(uuid ?? "", new RegExp(`-8000-${mac.replaceAll(":", "")}$`), "in either byte order");
      assert.match(seen, /^\d{4}-\d\d-\d\dT/);
    });

  for (const { firmware } of MACHINES)
    it(`is told by a profile of the menu how to be declared, and is not changed by that: ${firmware}`, async () => {
      const { machine, disk } = started(firmware);
      const told = () => machine.timesShown("Until then this machine is neither installed nor changed.") > 0;
      // Whoever misses the menu's five seconds finds it again: the disk's program starts the machine anew.
      for (let seen = menus(machine); !told(); seen = menus(machine)) {
        await machine.until("the menu again", () => menus(machine) > seen || told());
        const before = machine.reports().length;
        machine.type("\x1b[B\x1b[B\x1b[B\r");
        await machine.until("its answer", () => told() || machine.reports().length >= before + DISK_REPORT.length);
      }
      assert.ok(["\r", "\n"].some((end) => machine.timesShown(`profile: worker${end}`) > 0));
      assert.ok(machine.disk().equals(disk), "nothing was written to its disk");
    });
});
