import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import type { Server } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { answerChassis } from "../../../lab/ipmi/chassis.js";
import { listenForChassis } from "../../../lab/ipmi/chassis-server.js";
import { BootOverride } from "../../../lab/redfish/boot-override.js";
import { FakeBackend } from "../../../lab/redfish/fake-backend.js";

const ASK = resolve(__dirname, "../../../../lab/ipmi/ask-chassis");
const INVENTORY = { uuid: "", serial: "", model: "", macs: [], cpus: 1, memoryGiB: 1, mode: "UEFI" } as const;

describe("what ipmi_sim asks of a machine", () => {
  let override: BootOverride;
  let machine: FakeBackend;
  const ask = (...words: string[]) => answerChassis(words, machine, override);
  beforeEach(() => {
    override = new BootOverride({ enabled: "Disabled", target: "None", mode: "UEFI" });
    machine = new FakeBackend(INVENTORY, override);
  });

  it("its power and boot source, as many values as it likes", () => {
    assert.deepEqual(ask("get", "power", "boot", "identify"), ["power:0", "boot:none", "identify:0"]);
  });

  it("a boot source counts for one boot, and is the one that Redfish shows", async () => {
    for (const [name, source] of [
      ["pxe", "Pxe"],
      ["default", "Hdd"],
    ] as const) {
      assert.deepEqual(ask("set", "boot", name), []);
      assert.deepEqual(ask("get", "boot"), [`boot:${name}`]);
      assert.deepEqual(override.state, { enabled: "Once", target: source, mode: "UEFI" });
    }
    ask("set", "power", "1");
    assert.deepEqual(machine.boots, ["Hdd"]);
    assert.deepEqual(ask("get", "power", "boot"), ["power:1", "boot:none"]);
  });

  it("a boot source is taken back", () => {
    ask("set", "boot", "pxe");
    ask("set", "boot", "none");
    assert.deepEqual(override.state, { enabled: "Disabled", target: "None", mode: "UEFI" });
  });

  it("words that nobody knows are refused", () => {
    for (const words of [
      [],
      ["stop"],
      ["set", "power"],
      ["get", "fans"],
      ["set", "boot", "cdrom"],
      ["set", "fans", "1"],
    ])
      assert.throws(() => ask(...words), /unknown/, words.join(" "));
  });

  describe("through its program", () => {
    let directory: string;
    let server: Server;
    beforeEach(async () => {
      directory = mkdtempSync(join(tmpdir(), "flint-test-chassis-"));
      server = await listenForChassis(join(directory, "s"), (words) => ask(...words));
    });
    afterEach(() => {
      server.close();
      rmSync(directory, { recursive: true });
    });
    const run = promisify(execFile);

    it("is answered on its output", async () => {
      const { stdout } = await run(ASK, [join(directory, "s"), "get", "power", "boot"]);
      assert.equal(stdout, "power:0\nboot:none\n");
      assert.equal((await run(ASK, [join(directory, "s"), "set", "boot", "pxe"])).stdout, "");
    });

    it("fails where it is refused, and where nobody is", async () => {
      await assert.rejects(run(ASK, [join(directory, "s"), "get", "fans"]), { code: 1, stdout: "" });
      await assert.rejects(run(ASK, [join(directory, "other"), "get", "power"]), /No such file or directory/);
    });
  });
});
