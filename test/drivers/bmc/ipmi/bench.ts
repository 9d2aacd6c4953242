import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { BmcDriver, BootDevice, DriverContext } from "../../../../drivers/bmc/driver.js";
import type { IpmiAddress } from "../../../../drivers/bmc/ipmi/address.js";
import { type IpmiTuning, openIpmi } from "../../../../drivers/bmc/ipmi/driver.js";
import { waitUntil } from "../../../../foundation/wait.js";
import { IpmiSimulator } from "../../../../lab/ipmi/simulator.js";
import { freeUdpPort } from "../../../loopback.js";
import { driverContext } from "../context.js";
import type { Bench } from "../contract.js";

/** Without a space: ipmi_sim reads none. */
export const PASSWORD = "correct-horse";

/** The machine behind the BMC: power and boot source in files. `stuck` and `deaf` are there while it ignores commands. */
const CHASSIS = `#!/bin/sh
cd "$(dirname "$0")" || exit 1
shift
action=$1
shift
echo "$action $*" >> asked
case $action in
get)
  for what; do echo "$what:$(cat "$what")"; done
  ;;
set)
  while [ $# -gt 1 ]; do
    if [ "$1" = power ] && [ ! -e stuck ]; then
      if [ "$2" = 1 ] && [ "$(cat power)" = 0 ]; then cat boot >> boots; echo none > boot; fi
      echo "$2" > power
    elif [ "$1" = shutdown ] && [ ! -e stuck ]; then
      echo 0 > power
    elif [ "$1" = boot ] && [ ! -e deaf ]; then
      echo "$2" > boot
    fi
    shift 2
  done
  ;;
esac
`;

const DEVICES: Record<string, BootDevice | "usual"> = { none: "usual", pxe: "pxe", default: "disk" };

export interface IpmiBench extends Bench {
  address: IpmiAddress;
  openWith(change?: Partial<IpmiAddress>, tuning?: IpmiTuning, context?: Partial<DriverContext>): Promise<BmcDriver>;
  /** The machine ignores power commands (`stuck`) or boot overrides (`deaf`), although its BMC accepts them. */
  ignore(what: "stuck" | "deaf"): void;
  /** The BMC does not answer any more … */
  die(): Promise<void>;
  /** … and then it does again, while its machine has come on. */
  reviveWithPower(): void;
  /** The BMC takes packets and answers none, until it is thawed. */
  freeze(): void;
  thaw(): void;
  /** What the machine was asked and told so far. */
  asked(): string[];
}

/** OpenIPMI's ipmi_sim on loopback, in front of a machine that has only power and a boot source. */
export async function ipmiBench({ fru = true } = {}): Promise<IpmiBench> {
  const directory = mkdtempSync(join(tmpdir(), "flint-test-ipmi-"));
  const inside = (name: string) => join(directory, name);
  const port = await freeUdpPort();
  writeFileSync(inside("chassis"), CHASSIS, { mode: 0o755 });
  writeFileSync(inside("power"), "0\n");
  writeFileSync(inside("boot"), "none\n");
  writeFileSync(inside("boots"), "");
  writeFileSync(inside("asked"), "");
  const start = () =>
    IpmiSimulator.start(
      {
        name: "node01",
        host: "127.0.0.1",
        port,
        username: "admin",
        password: PASSWORD,
        guid: "7f000000000040008000000000000001",
        chassis: `${inside("chassis")} 0x20`,
        ...(fru ? { product: { vendor: "Flint", model: "Virtual", serial: "RACK-test-01" } } : {}),
      },
      { directory },
    );
  let simulator = start();
  const address: IpmiAddress = {
    ...{ type: "ipmi", host: "127.0.0.1", port, username: "admin", password: PASSWORD },
    cipherSuite: 3, // ipmi_sim does not list its own: each call would ask for them in vain first
  };
  const openWith: IpmiBench["openWith"] = (change = {}, tuning = {}, context = {}) =>
    openIpmi({ ...address, ...change }, driverContext(context), { retry: ["-N", "1", "-R", "2"], ...tuning });
  const ready = await openWith();
  await waitUntil(() => ready.power().catch(() => undefined), {
    reason: "ipmi_sim",
    deadlineMs: 60_000,
    remedy: "Is openipmi installed?",
  }).catch(async (error: unknown) => {
    await simulator.stop();
    throw error;
  });
  return {
    address,
    openWith,
    open: (context) => openWith({}, {}, context),
    heard() {},
    obeys: () =>
      waitUntil(async () => readFileSync(inside("power"), "utf8").trim() === "0", {
        reason: "its system to end",
        deadlineMs: 60_000,
        intervalMs: 20,
        remedy: "",
      }).then(() => {}),
    powered: () => readFileSync(inside("power"), "utf8").trim() === "1",
    boots: () =>
      readFileSync(inside("boots"), "utf8")
        .split("\n")
        .filter((line) => line !== "")
        .map((line) => DEVICES[line] ?? "usual"),
    identity: { serial: "RACK-test-01", macs: undefined },
    devices: ["pxe", "disk"],
    stick: () => appendFileSync(inside("stuck"), ""),
    ignore: (what) => appendFileSync(inside(what), ""),
    die: () => simulator.stop(),
    reviveWithPower() {
      writeFileSync(inside("power"), "1\n");
      simulator = start();
    },
    freeze: () => simulator.freeze(),
    thaw: () => simulator.thaw(),
    asked: () => readFileSync(inside("asked"), "utf8").split("\n"),
    async [Symbol.asyncDispose]() {
      await simulator.stop();
      if (existsSync(directory)) rmSync(directory, { recursive: true });
    },
  };
}
