// limit: 800 s
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { BootBench } from "../../../lab/boot/bench.js";
import type { BootServer } from "../../../lab/boot/boot-server.js";
import { CANDIDATES } from "../../../providers/pxe-server/candidates.js";
import { parseCandidates } from "../../../providers/pxe-server/parse-candidates.js";
import { skipUnlessArm64 } from "./skip-unless-arm64.js";
import { skipUnlessRoot } from "./skip-unless-root.js";

describe("a 64-bit ARM machine that nobody declared gets its own iPXE and the menu, and is a candidate with its architecture", function () {
  this.timeout(700_000);
  skipUnlessRoot();
  skipUnlessArm64();
  let bench: BootBench;
  let server: BootServer;

  before(async () => {
    ({ bench, server } = await BootBench.simple({}, { arm64: true }));
  });
  after(() => bench?.close());

  const boots = async (mac: string, serial: string, http: boolean) => {
    const machine = await bench.powerOn({ firmware: "arm64", serial, http, cards: [{ mac, to: "switch" }] });
    const menu = `${mac} is not a machine of cluster bench`;
    await machine.until("the menu", () => machine.timesShown(menu) > 0, 600_000);
    const printed = execFileSync("sh", ["-s", server.root], { input: CANDIDATES, encoding: "utf8" });
    const candidate = parseCandidates(printed).find((each) => each.mac === mac);
    assert.deepEqual([candidate?.serial, candidate?.architecture], [serial, "arm64"]);
  };
  const fetched = () => server.web().flatMap(({ uri, status }) => (status === 200 ? [uri] : []));

  it("by TFTP", async () => {
    await boots("52:54:00:0c:00:01", "BENCH ARM 1", false);
    assert.match(server.dhcpLog(), /sent \S*\/tftp\/ipxe-arm64\.efi to 10\.0\.100\.2\d\d/);
    assert.ok(fetched().includes("/boot.ipxe"));
    assert.ok(!fetched().includes("/boot/ipxe-arm64.efi"));
  });

  it("by UEFI HTTP boot", async () => {
    await boots("52:54:00:0c:00:02", "BENCH ARM 2", true);
    assert.ok(fetched().includes("/boot/ipxe-arm64.efi"));
  });
});
