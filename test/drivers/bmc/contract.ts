import assert from "node:assert/strict";
import type { BmcDriver, BootDevice, DriverContext, FirmwareMode } from "../../../drivers/bmc/driver.js";
import type { BmcAddress } from "../../../drivers/bmc/drivers.js";
import { waitUntil } from "../../../foundation/wait.js";
import { driverContext } from "./context.js";

type Method = keyof BmcDriver;
type OptionalMethod = { [M in Method]-?: undefined extends BmcDriver[M] ? M : never }[Method];

/** A machine that a driver controls, as seen from outside of the driver. */
export interface Bench extends AsyncDisposable {
  open(context: DriverContext): Promise<BmcDriver>;
  /** What a person for whom the driver speaks is told; other drivers say nothing that moves a machine. */
  heard(text: string): void;
  powered(): boolean;
  /** What each boot so far started from; `usual` is the firmware's own order. */
  boots(): readonly (BootDevice | "usual")[];
  /** The driver cannot see its machine. */
  blind?: boolean;
  /** Undefined for such a driver. */
  identity: { serial: string; macs: string[] | undefined } | undefined;
  /** What the machine boots from when nothing was asked for, where that has a name. */
  usual?: BootDevice;
  /** Resolves when the system has ended that was asked to; undefined where a driver cannot ask. */
  obeys?(): Promise<void>;
  /** Boot sources that the driver's protocol knows. Default: all. */
  devices?: readonly BootDevice[];
  /** Firmware modes that the driver can ask this machine for. Default: both. */
  modes?: readonly FirmwareMode[];
  /** The mode of the last boot that an override decided; absent where the bench cannot see it. */
  mode?(): FirmwareMode | undefined;
  /** From now on the machine ignores power commands, although they are accepted. Absent where the driver cannot see that. */
  stick?(): void;
  /** Methods that the interface leaves open and this driver does not have. Default: none. */
  lacks?: readonly OptionalMethod[];
}

/** A method that is new in the interface does not compile until it is here, and fails until a promise calls it. */
const METHODS = Object.keys({
  power: true,
  setPower: true,
  requestShutdown: true,
  setBootOnce: true,
  identity: true,
  report: true,
  close: true,
} satisfies Record<Method, true>) as Method[];

/**
 * What every BmcDriver promises, asked of the machine and not of the driver.
 * @param type The driver, by the type of its address; each has one bench at least (`drivers.test.ts`).
 * @param variant "with HPE iLO 5".
 */
export function promisesOfEveryDriver(type: BmcAddress["type"], makeBench: () => Promise<Bench>, variant = ""): void {
  describe(`the ${type} driver${variant === "" ? "" : ` ${variant}`} keeps the promises of every BMC driver`, function () {
    this.timeout(120_000);
    const called = new Set<string>();
    let lacks: readonly OptionalMethod[] = [];
    let bench: Bench;
    let driver: BmcDriver;
    let bmc: BmcDriver;
    beforeEach(async () => {
      bench = await makeBench();
      lacks = bench.lacks ?? [];
      driver = await bench.open(driverContext({ ask: (text) => bench.heard(text) }));
      bmc = watched(driver, called);
    });
    afterEach(async () => {
      await driver.close();
      await bench[Symbol.asyncDispose]();
    });
    after(() => {
      const missed = METHODS.filter((method) => !called.has(method) && !lacks.some((each) => each === method));
      assert.deepEqual(missed, [], "methods that no test of this suite called");
    });

    it("has every method, but for those that its bench declares", () => {
      const absent = METHODS.filter((method) => driver[method] === undefined);
      assert.deepEqual(
        absent,
        METHODS.filter((method) => lacks.some((each) => each === method)),
      );
    });

    const comesOn = () =>
      waitUntil(async () => bench.powered(), { reason: "power", deadlineMs: 60_000, intervalMs: 10, remedy: "" });

    it("switches on, and off, and does nothing where nothing is to be done", async () => {
      await bmc.setPower("off");
      assert.equal(bench.powered(), false);
      await bmc.setPower("on");
      await comesOn();
      await bmc.setPower("on");
      assert.equal(bench.boots().length, 1);
      await bmc.setPower("off");
      await bmc.setPower("off");
      assert.equal(bench.powered(), false);
    });

    it("cycles a machine that is on, and one that is off", async () => {
      await bmc.setPower("cycle");
      await comesOn();
      assert.equal(bench.boots().length, 1);
      await bmc.setPower("cycle");
      await comesOn();
      assert.equal(bench.boots().length, 2);
    });

    for (const device of ["pxe", "disk", "uefi-http"] as const)
      it(`boots from ${device} once, and in the usual order after that (or when told so); or says that it cannot`, async () => {
        if (bench.devices?.includes(device) === false) {
          await assert.rejects(bmc.setBootOnce(device, "uefi"), { code: "BMC_REFUSED" });
          await bmc.setPower("on");
          await comesOn();
          assert.deepEqual(bench.boots(), [bench.usual ?? "usual"]);
          return;
        }
        await bmc.setBootOnce(device, "uefi");
        const kind = await bmc.setBootOnce(device, "uefi");
        assert.equal(kind === "asked", bench.blind === true, "only what was read back counts as taken");
        await bmc.setPower("on");
        await comesOn();
        assert.equal(bench.mode === undefined ? "uefi" : bench.mode(), "uefi");
        if (kind === "lasting") await bmc.setBootOnce("none", "uefi");
        await bmc.setPower("cycle");
        await comesOn();
        assert.deepEqual(bench.boots(), [device, bench.usual ?? "usual"]);
      });

    it("boots in BIOS mode where it is told to; or says that it cannot, and changes nothing", async () => {
      if (bench.modes?.includes("bios") === false) {
        await assert.rejects(bmc.setBootOnce("pxe", "bios"), { code: "BMC_REFUSED" });
        await bmc.setPower("on");
        await comesOn();
        assert.deepEqual(bench.boots(), [bench.usual ?? "usual"]);
        return;
      }
      await bmc.setBootOnce("pxe", "bios");
      await bmc.setPower("on");
      await comesOn();
      assert.deepEqual(bench.boots(), ["pxe"]);
      assert.equal(bench.mode === undefined ? "bios" : bench.mode(), "bios");
    });

    it("takes a boot override back", async () => {
      await bmc.setBootOnce("pxe", "uefi");
      await bmc.setBootOnce("none", "uefi");
      await bmc.setBootOnce("none", "uefi");
      await bmc.setPower("on");
      await comesOn();
      assert.deepEqual(bench.boots(), [bench.usual ?? "usual"]);
    });

    it("asks the operating system to shut down, and waits for nothing; or says that it cannot", async () => {
      await bmc.setPower("on");
      await comesOn();
      const asked = await bmc.requestShutdown?.();
      assert.equal(asked ?? false, bench.obeys !== undefined);
      if (bench.obeys === undefined) return;
      await bench.obeys();
      assert.equal(await bmc.power(), "off");
      assert.equal(await bmc.requestShutdown?.(), true, "off is what was wanted");
      assert.equal(bench.powered(), false);
    });

    it("tells what it knows of the machine's state, where its protocol tells anything", async () => {
      const report = (await bmc.report?.()) ?? {};
      for (const value of Object.values(report)) assert.notEqual(value, "");
    });

    it("says on or off; or that it cannot know", async () => {
      await bmc.setPower("on");
      await comesOn();
      assert.equal(await bmc.power(), bench.blind === true ? "unknown" : "on");
      await bmc.setPower("off");
      assert.equal(await bmc.power(), bench.blind === true ? "unknown" : "off");
    });

    it("knows its machine, or leaves out what it does not know", async () => {
      const { serial, macs, ...rest } = await bmc.identity();
      assert.deepEqual({ serial, macs }, bench.identity ?? { serial: undefined, macs: undefined });
      for (const value of Object.values(rest)) assert.ok(value.length > 0);
    });

    it("ends a call at the call's own deadline where the machine does not obey", async () => {
      if (bench.stick === undefined) {
        // What it asks for is seen by nobody: there is nothing to wait for.
        assert.ok(bench.blind === true || variant !== "", "a bench of a driver that sees power can be stuck");
        return;
      }
      bench.stick();
      await assert.rejects(bmc.setPower("on", { deadlineMs: 1_000 }), { code: "BMC_TIMEOUT" });
      assert.equal(bench.powered(), false);
    });

    it("does nothing once cancelled", async () => {
      const signal = AbortSignal.abort(new Error("Ctrl-C"));
      const cancelled = await bench.open(driverContext({ ask: (text) => bench.heard(text), signal }));
      await assert.rejects(cancelled.setPower("on"), { message: "Ctrl-C" });
      await assert.rejects(cancelled.setBootOnce("pxe", "uefi"), { message: "Ctrl-C" });
      assert.equal(bench.powered(), false);
      await cancelled.close();
    });

    it("closes without a word, also twice, also unused", async () => {
      await bmc.close();
      await bmc.close();
    });
  });
}

/** The driver, noting which methods are called: one that is only looked for, as `report?.()` does, is not. */
function watched(driver: BmcDriver, called: Set<string>): BmcDriver {
  return new Proxy(driver, {
    get(target, method) {
      const value: unknown = Reflect.get(target, method);
      if (typeof value !== "function") return value;
      return (...given: unknown[]) => {
        called.add(String(method));
        return Reflect.apply(value, target, given);
      };
    },
  });
}
