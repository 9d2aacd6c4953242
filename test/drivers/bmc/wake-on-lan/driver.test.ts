import assert from "node:assert/strict";
import fc from "fast-check";
import type { BootDevice, FirmwareMode } from "../../../../drivers/bmc/driver.js";
import { openBmc } from "../../../../drivers/bmc/drivers.js";
import type { WakeOnLanAddress } from "../../../../drivers/bmc/wake-on-lan/address.js";
import { magicPacket } from "../../../../drivers/bmc/wake-on-lan/magic-packet.js";
import { waitUntil } from "../../../../foundation/wait.js";
import { driverContext } from "../context.js";
import { type Bench, promisesOfEveryDriver } from "../contract.js";
import { type Frame, type Wire, wire } from "./wire.js";

const MAC = "52:54:00:00:00:01";

interface WakeBench extends Bench {
  wire: Wire;
  address: WakeOnLanAddress;
  frames: Frame[];
}

/** A machine whose card listens to the wire, with a person who does what they are told and knows only these sentences. */
async function wakeBench(): Promise<WakeBench> {
  let on = false;
  let next: BootDevice | "usual" = "usual";
  let mode: FirmwareMode | undefined;
  const boots: (BootDevice | "usual")[] = [];
  const frames: Frame[] = [];
  const switchOn = () => {
    if (on) return;
    on = true;
    boots.push(next);
    next = "usual";
  };
  const network = await wire((frame) => {
    if (frame.udp === undefined) return; // the kernel's own, as of IPv6
    frames.push(frame);
    if (frame.destination === "ff:ff:ff:ff:ff:ff" && frame.udp.payload.includes(magicPacket(MAC))) switchOn();
  });
  const address: WakeOnLanAddress = { type: "wake-on-lan", mac: MAC, from: network.address };
  const devices: Record<string, BootDevice> = {
    "the network (PXE)": "pxe",
    "its disk": "disk",
    "the network (UEFI HTTP boot)": "uefi-http",
  };
  return {
    wire: network,
    address,
    frames,
    blind: true,
    open: (context) => openBmc(address, { ...context, host: async () => network.host }),
    heard(text) {
      const [, device, firmware] =
        /^Please have node01 boot from (.+) once, in (UEFI|BIOS) mode: choose it in the boot menu\. Nothing to do where that comes first\.$/.exec(
          text,
        ) ?? [];
      if (text === "node01 is woken over the network. If it is on already, please restart it.") {
        if (!on) return;
        on = false;
        switchOn();
      } else if (text === "Please switch node01 off: hold its power button for five seconds.") on = false;
      else if (text === "Please let node01 boot in its usual order.") next = "usual";
      else if (device !== undefined && device in devices) {
        next = devices[device] ?? "usual";
        mode = firmware === "BIOS" ? "bios" : "uefi";
      } else assert.fail(`nobody would understand: ${text}`);
    },
    powered: () => on,
    boots: () => boots,
    mode: () => mode,
    lacks: ["requestShutdown", "report"],
    identity: undefined,
    [Symbol.asyncDispose]: () => network[Symbol.asyncDispose](),
  };
}

before(function () {
  if (process.getuid?.() === 0) return;
  console.log("    SKIPPED: a network of its own needs root (ip netns)");
  this.skip();
});

promisesOfEveryDriver("wake-on-lan", wakeBench);

describe("the Wake-on-LAN driver", function () {
  this.timeout(120_000);
  let bench: WakeBench;
  before(async () => {
    bench = await wakeBench();
  });
  after(() => bench[Symbol.asyncDispose]());

  it("sends three magic packets from the provisioning address to everybody in that network, and to nobody elsewhere", async () => {
    const bmc = await openBmc(bench.address, driverContext({ host: async () => bench.wire.host }));
    await bmc.setPower("on");
    await waitUntil(async () => bench.frames.length === 3, { reason: "packets", deadlineMs: 60_000, remedy: "" });
    const payload = Buffer.from("ff".repeat(6) + "525400000001".repeat(16), "hex");
    for (const { destination, udp } of bench.frames) {
      assert.equal(destination, "ff:ff:ff:ff:ff:ff");
      assert.deepEqual(udp, { from: "10.77.0.1", to: "255.255.255.255", port: 9, payload });
    }
    assert.deepEqual(
      bench.wire.elsewhere.filter(({ udp }) => udp !== undefined),
      [],
    );
  });

  it("says why a packet could not be sent, and from where", async () => {
    const elsewhere = { ...bench.address, from: "10.99.0.1" };
    const bmc = await openBmc(elsewhere, driverContext({ host: async () => bench.wire.host }));
    await assert.rejects(bmc.setPower("on"), {
      code: "WAKE_NOT_SENT",
      message:
        "node01, Wake-on-LAN from the provisioning host: expected the magic packet to be sent but found 10.99.0.1: Cannot " +
        "assign requested address. The host needs perl, and pxe.address must be its own address on the provisioning " +
        "network. Then run `pulumi up` again, or switch the machine on by hand. [WAKE_NOT_SENT]",
    });
  });
});

describe("a magic packet", () => {
  it("is six bytes FF and sixteen times the MAC, whatever the MAC", () => {
    const byte = fc.integer({ min: 0, max: 255 });
    fc.assert(
      fc.property(fc.array(byte, { minLength: 6, maxLength: 6 }), (bytes) => {
        const packet = magicPacket(bytes.map((each) => each.toString(16).padStart(2, "0")).join(":"));
        assert.equal(packet.length, 102);
        assert.deepEqual([...packet.subarray(0, 6)], Array(6).fill(0xff));
        for (let at = 6; at < 102; at += 6) assert.deepEqual([...packet.subarray(at, at + 6)], bytes);
      }),
    );
  });
});
