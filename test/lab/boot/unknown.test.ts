// limit: 300 s
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

describe("a machine that nobody declared", function () {
  this.timeout(250_000);
  skipUnlessRoot();
  let bench: BootBench;
  let server: BootServer;
  const machines = new Map<string, BootMachine>();

  before(async () => {
    ({ bench, server } = await BootBench.simple());
    for (const { firmware, mac, serial } of MACHINES)
      machines.set(firmware, await bench.powerOn({ firmware, serial, cards: [{ mac, to: "switch" }], disk: true }));
  });
  after(() => bench?.close());

  for (const { firmware, mac, serial } of MACHINES)
    it(`gets a menu, goes on to its disk by itself, and is a candidate: ${firmware}`, async () => {
      const machine = machines.get(firmware);
      await machine?.until("the disk's report", () => machine.reports().startsWith(DISK_REPORT));
      assert.match(machine?.console() ?? "", new RegExp(`${mac} is not a machine of cluster bench`));
      const printed = execFileSync("sh", ["-s", server.root], { input: CANDIDATES, encoding: "utf8" });
      const { seen, uuid, ...candidate } = parseCandidates(printed).find((each) => each.mac === mac) ?? { seen: "" };
      assert.deepEqual(candidate, { mac, serial, manufacturer: "Flint Lab", product: "Bench", architecture: firmware });
      assert.match(uuid ?? "", new RegExp(`-8000-${mac.replaceAll(":", "")}$`), "in either byte order");
      assert.match(seen, /^\d{4}-\d\d-\d\dT/);
    });
});
