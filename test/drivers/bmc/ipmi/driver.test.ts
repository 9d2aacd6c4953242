// limit: 360 s
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { openBmc } from "../../../../drivers/bmc/drivers.js";
import { waitUntil } from "../../../../foundation/wait.js";
import { driverContext } from "../context.js";
import { promisesOfEveryDriver } from "../contract.js";
import { type IpmiBench, ipmiBench, PASSWORD } from "./bench.js";
import { RECORDING, withIpmitool } from "./own-ipmitool.js";

promisesOfEveryDriver("ipmi", ipmiBench);

describe("the IPMI driver", function () {
  this.timeout(120_000);
  let bench: IpmiBench;
  beforeEach(async () => {
    bench = await ipmiBench();
  });
  afterEach(() => bench[Symbol.asyncDispose]());
  const subject = () => `node01, BMC at 127.0.0.1:${bench.address.port}`;

  it("tells vendor, model and serial number of the product", async () => {
    const bmc = await bench.openWith();
    assert.deepEqual(await bmc.identity(), { vendor: "Flint", model: "Virtual", serial: "RACK-test-01" });
  });

  it("tells the boot override that is set, and nothing of memory and links, which IPMI does not know", async () => {
    const bmc = await bench.openWith();
    assert.deepEqual(await bmc.report?.(), { bootOverride: "none, once" });
    await bmc.setBootOnce("pxe", "bios");
    assert.deepEqual(await bmc.report?.(), { bootOverride: "pxe, once" });
  });

  it("knows nothing of a machine whose BMC keeps no FRU data", async () => {
    const bare = await ipmiBench({ fru: false });
    try {
      assert.deepEqual(await (await bare.openWith()).identity(), {});
    } finally {
      await bare[Symbol.asyncDispose]();
    }
  });

  it("uses the cipher suite that is declared, and chooses one itself otherwise", async () => {
    assert.equal(await (await bench.openWith({ cipherSuite: 3 })).power(), "off");
    assert.equal(await (await bench.openWith({ cipherSuite: undefined })).power(), "off");
    const other = await bench.openWith({ cipherSuite: 17 });
    await assert.rejects(other.power(), {
      code: "BMC_CIPHER_SUITE",
      message:
        `${subject()}: expected cipher suite 17 to be accepted but found Error in open session response message : ` +
        "invalid authentication algorithm. Set bmc.cipherSuite of node01 to one that the BMC allows: " +
        "`ipmitool channel getciphers ipmi 1` on the machine lists them. [BMC_CIPHER_SUITE]",
    });
  });

  it("tells a wrong password from an unknown user, and both from a dead BMC", async () => {
    const remedy =
      "Check bmc.username and bmc.password of node01, and that the account may use IPMI over LAN as an administrator. [BMC_AUTH]";
    await assert.rejects((await bench.openWith({ password: "wrong" })).power(), {
      message: `${subject()}: expected user admin to be let in but found a wrong password. ${remedy}`,
    });
    await assert.rejects((await bench.openWith({ username: "nobody" })).power(), {
      message: `${subject()}: expected user nobody to be let in but found no such user. ${remedy}`,
    });
    await bench.die();
    await assert.rejects((await bench.openWith()).power(), {
      code: "BMC_UNREACHABLE",
      subject: subject(),
      expected: "an IPMI 2.0 session (UDP)",
      remedy:
        "Check that the BMC has power and network, that this is its address, and that IPMI over LAN is enabled in it.",
    });
  });

  it("sends nothing with a password that IPMI would cut", async () => {
    const bmc = await bench.openWith({ password: "correct horse battery staple" });
    await assert.rejects(bmc.power(), {
      code: "BMC_AUTH",
      message:
        `${subject()}: expected a password of at most 20 bytes, which is all that IPMI 2.0 knows but found 28 bytes. ` +
        "Give the account a shorter password and set it in bmc.password of node01. Nothing was sent. [BMC_AUTH]",
    });
  });

  it("says what it last saw of a machine that stays off although the BMC accepted the command", async () => {
    bench.ignore("stuck");
    const bmc = await bench.openWith();
    await assert.rejects(bmc.setPower("on", { deadlineMs: 8_000 }), {
      code: "BMC_TIMEOUT",
      found: "off, although the BMC accepted the change",
      remedy: "Look at the machine and its BMC's event log, then run the update again.",
    });
  });

  it("outlives a BMC that is away while its machine comes on", async () => {
    bench.ignore("stuck");
    const bmc = await bench.openWith();
    let found: unknown;
    const on = bmc.setPower("on", { deadlineMs: 60_000 }).catch((error: unknown) => {
      found = error;
    });
    const told = async () => bench.asked().includes("set power 1");
    await waitUntil(told, { reason: "the command", deadlineMs: 60_000, intervalMs: 50, remedy: "" });
    await bench.die();
    await sleep(5_000); // longer than ipmitool repeats here
    bench.reviveWithPower();
    await on;
    assert.equal(found, undefined);
    assert.equal(await bmc.power(), "on");
    assert.equal(bench.asked().filter((each) => each === "set power 1").length, 1);
  });

  it("reads a boot override back, and says when the BMC did not keep it", async () => {
    bench.ignore("deaf");
    const bmc = await bench.openWith();
    await assert.rejects(bmc.setBootOnce("pxe", "uefi"), {
      code: "BMC_BOOT_IGNORED",
      expected: "boot override pxe",
      found: "none",
    });
  });

  it("has no word for UEFI HTTP boot", async () => {
    const bmc = await bench.openWith();
    await assert.rejects(bmc.setBootOnce("uefi-http", "uefi"), {
      code: "BMC_REFUSED",
      message:
        `${subject()}: expected boot from pxe or disk but found uefi-http, which IPMI has no word for. ` +
        "Use Redfish for UEFI HTTP boot, or set the boot order in the firmware. [BMC_REFUSED]",
    });
  });

  it("tells the firmware mode where it is UEFI, and nothing of it where the machine boots by BIOS or as usual", () =>
    withIpmitool(RECORDING, async (directory) => {
      const bmc = await bench.openWith();
      await bmc.setBootOnce("pxe", "uefi");
      await bmc.setBootOnce("disk", "uefi");
      await bmc.setBootOnce("pxe", "bios");
      await bmc.setBootOnce("none", "uefi");
      const calls = readFileSync(join(directory, "calls"), "utf8").trim().split("\n");
      assert.deepEqual(
        calls.flatMap((line) => /chassis bootdev .*/.exec(line) ?? []),
        [
          "chassis bootdev pxe options=efiboot",
          "chassis bootdev disk options=efiboot",
          "chassis bootdev pxe",
          "chassis bootdev none",
        ],
      );
    }));

  it("ends each call to a frozen BMC by its own deadline, and leaves the BMC alone after two, until it had a rest", async () => {
    // ipmitool itself would wait for longer.
    const impatient = { retry: ["-N", "20", "-R", "2"], methodMs: 500 };
    const bmc = await bench.openWith({}, impatient);
    bench.freeze();
    await assert.rejects(bmc.power(), {
      code: "BMC_TIMEOUT",
      message:
        `${subject()}: expected the power state within 0.5 s but found nothing after 0.5 s. ` +
        "The BMC may be frozen: reset the BMC (not the machine), then run the update again. [BMC_TIMEOUT]",
    });
    await assert.rejects(bmc.setPower("on", { deadlineMs: 600 }), {
      code: "BMC_TIMEOUT",
      expected: "power on within 0.6 s",
    });
    const other = await bench.openWith({}, impatient, { machine: "node07" });
    await assert.rejects(other.identity(), {
      code: "BMC_FROZEN",
      subject: subject().replace("node01", "node07"),
      found:
        "silence in the 2 calls before, the last of which expected power on within 0.6 s but found nothing after 0.6 s",
    });
    bench.thaw();
    const { now } = Date;
    Date.now = () => now() + 16_000;
    try {
      assert.equal(await (await bench.openWith()).power(), "off");
    } finally {
      Date.now = now;
    }
  });

  it("says so when ipmitool is not installed", async () => {
    const { PATH } = process.env;
    const empty = await mkdtemp(join(tmpdir(), "flint-test-path-"));
    process.env.PATH = empty;
    try {
      await assert.rejects((await bench.openWith()).power(), {
        message:
          "ipmitool: expected the program on PATH. Install ipmitool, or put its directory on PATH of pulumi. [TOOL_MISSING]",
      });
    } finally {
      process.env.PATH = PATH;
      await rm(empty, { recursive: true });
    }
  });

  it("never has the password among any process's arguments", async () => {
    const seen = new Set<string>();
    let looking = true;
    const look = (async () => {
      while (looking) {
        for (const argv of commandLines()) if (argv.includes("ipmitool")) seen.add(argv);
        await sleep(1);
      }
    })();
    const bmc = await openBmc(bench.address, driverContext());
    await bmc.setBootOnce("pxe", "uefi");
    await bmc.setPower("on");
    looking = false;
    await look;
    assert.ok(seen.size > 0, "no ipmitool was seen");
    for (const argv of seen) assert.ok(!argv.includes(PASSWORD), argv);
  });
});

function commandLines(): string[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        return [readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ")];
      } catch {
        return []; // ended meanwhile
      }
    });
}
