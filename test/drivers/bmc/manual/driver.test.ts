import assert from "node:assert/strict";
import type { BootDevice, FirmwareMode } from "../../../../drivers/bmc/driver.js";
import { openBmc } from "../../../../drivers/bmc/drivers.js";
import { driverContext } from "../context.js";
import { type Bench, promisesOfEveryDriver } from "../contract.js";

/** A machine with a person who does what they are told, and understands only these sentences. */
function bench(): Bench {
  let on = false;
  let next: BootDevice | "usual" = "usual";
  let mode: FirmwareMode | undefined;
  const boots: (BootDevice | "usual")[] = [];
  const switchOn = () => {
    if (on) return;
    on = true;
    boots.push(next);
    next = "usual";
  };
  const devices: Record<string, BootDevice> = {
    "the network (PXE)": "pxe",
    "its disk": "disk",
    "the network (UEFI HTTP boot)": "uefi-http",
  };
  return {
    open: (context) => openBmc({ type: "manual" }, context),
    heard(text) {
      const [, device, firmware] =
        /^Please have node01 boot from (.+) once, in (UEFI|BIOS) mode: choose it in the boot menu\.$/.exec(text) ?? [];
      if (text === "Please switch node01 on, if it is off.") switchOn();
      else if (text === "Please switch node01 off: hold its power button for five seconds.") on = false;
      else if (text === "Please switch node01 off and on again.") {
        on = false;
        switchOn();
      } else if (text === "Please let node01 boot in its usual order.") next = "usual";
      else if (device !== undefined && device in devices) {
        next = devices[device] ?? "usual";
        mode = firmware === "BIOS" ? "bios" : "uefi";
      } else assert.fail(`nobody would understand: ${text}`);
    },
    blind: true,
    powered: () => on,
    boots: () => boots,
    mode: () => mode,
    lacks: ["requestShutdown", "report"],
    identity: undefined,
    async [Symbol.asyncDispose]() {},
  };
}

promisesOfEveryDriver("manual", async () => bench());

describe("the manual driver", () => {
  it("does not claim to know the power of a machine that it cannot see", async () => {
    const bmc = await openBmc({ type: "manual" }, driverContext());
    assert.equal(await bmc.power(), "unknown");
  });
});
