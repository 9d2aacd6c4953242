import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import type { SshSession } from "../../../drivers/ssh/target.js";
import { waitUntil } from "../../../foundation/wait.js";
import { bmcAddress, withBmc } from "../../../providers/bare-metal-node/bmc.js";
import { NodeContext } from "../../../providers/bare-metal-node/context.js";
import type { NodeOutputs } from "../../../providers/bare-metal-node/outputs.js";
import type { StoredNode } from "../../../providers/bare-metal-node/schema.js";
import type { Run } from "../../../providers/runtime/lifecycle.js";
import { quietRun } from "./quiet-run.js";

const node = {
  mac: "52:54:00:00:00:01",
  pxe: { httpUrl: "http://10.0.100.1", root: "/var/lib/flint/dev" },
  bmcPassword: undefined,
  bmcDefaults: { username: "admin", password: "all", ca: "the CA of all" },
};

const silent = quietRun();

function machine(name: string, bmc: StoredNode["bmc"]): StoredNode {
  return {
    ...node,
    cluster: "dev",
    name,
    addresses: { provisioning: "10.0.100.50", cluster: "10.0.200.10" },
    host: { name: "provisioning host", host: "10.0.100.1", privateKey: "", hostKeys: [] },
    image: "worker",
    bmc,
    disk: { layout: "single-uefi", mark: "flint-00000000" },
    loginKey: { privateKey: "", publicKey: "" },
    hostKeyPublic: "",
    onDelete: "power-off",
  };
}

/**
 * Lets all machines ask their BMCs, and counts how many were at it at once: by group, and of all.
 * @param expected Of all: the first ones go on when so many are at it, however long the last takes to get there.
 */
async function asked<B extends StoredNode["bmc"]>(
  bmcs: readonly B[],
  expected: number,
  groupOf: (bmc: B) => string,
): Promise<{ most: Record<string, number>; all: number }> {
  const atWork: string[] = [];
  const most: Record<string, number> = {};
  let all = 0;
  await Promise.all(
    bmcs.map((bmc, n) =>
      withBmc(new NodeContext<StoredNode>(machine(`node${n}`, bmc), silent), async () => {
        const group = groupOf(bmc);
        atWork.push(group);
        most[group] = Math.max(most[group] ?? 0, atWork.filter((each) => each === group).length);
        all = Math.max(all, atWork.length);
        const enough = async () => all >= expected;
        await waitUntil(enough, { reason: `${expected} at once`, deadlineMs: 60_000, intervalMs: 5, remedy: "" });
        await sleep(20); // time for one too many
        atWork.splice(atWork.indexOf(group), 1);
      }),
    ),
  );
  return { most, all };
}

describe("BareMetalNode: how a machine's BMC is reached", function () {
  this.timeout(120_000);

  it("its own access is completed with what is common to all, but trust is taken whole", () => {
    const url = "https://10.0.100.150";
    assert.deepEqual(bmcAddress({ ...node, bmc: { type: "redfish", url } }), {
      type: "redfish",
      url,
      username: "admin",
      password: "all",
      ca: "the CA of all",
    });
    assert.deepEqual(
      bmcAddress({ ...node, bmc: { type: "redfish", url, username: "own", fingerprint: "AB" }, bmcPassword: "secret" }),
      { type: "redfish", url, username: "own", password: "secret", fingerprint: "AB" },
    );
  });

  it("a card that wakes is called from the address that machines boot from", () => {
    assert.deepEqual(bmcAddress({ ...node, bmc: { type: "wake-on-lan" } }), {
      type: "wake-on-lan",
      mac: "52:54:00:00:00:01",
      from: "10.0.100.1",
    });
  });

  it("the machines of a chassis ask its one BMC two at a time, and those of other BMCs do not wait for them", async () => {
    const urls = ["https://10.0.100.150", "https://10.0.100.151"];
    const machines = [...Array(6).keys()].flatMap((system) =>
      urls.map((url) => ({ type: "redfish" as const, url, system: `/redfish/v1/Systems/${system}` })),
    );
    const seen = await asked(machines, 4, ({ url }) => url);
    assert.deepEqual(seen, { most: { [urls[0] ?? ""]: 2, [urls[1] ?? ""]: 2 }, all: 4 });
  });

  it("blades with BMCs of their own ask two at a time where they name one chassis, by Redfish and by IPMI", async () => {
    const blades = ["left", "right", undefined].flatMap((chassis, at) =>
      [...Array(6).keys()].map((slot) => {
        const host = `10.0.10${at}.15${slot}`;
        return slot % 2 === 0
          ? { type: "redfish" as const, url: `https://${host}`, chassis }
          : { type: "ipmi" as const, host, chassis };
      }),
    );
    const seen = await asked(blades, 10, ({ chassis }) => chassis ?? "alone");
    assert.deepEqual(seen, { most: { left: 2, right: 2, alone: 6 }, all: 10 });
  });

  it("a chassis that is one BMC, too, keeps both limits", async () => {
    const url = "https://10.0.110.150";
    const systems = [...Array(6).keys()].map((slot) => ({
      ...{ type: "redfish" as const, url, system: `/redfish/v1/Systems/${slot}` },
      chassis: slot < 3 ? "top" : "bottom",
    }));
    const seen = await asked(systems, 2, () => url);
    assert.deepEqual(seen, { most: { [url]: 2 }, all: 2 });
  });

  it("what a chassis is called is nothing that a driver is told", () => {
    const named = { chassis: "left" };
    const credentials = { username: "admin", password: "all" };
    assert.deepEqual(bmcAddress({ ...node, bmc: { type: "ipmi", host: "10.0.100.150", cipherSuite: 17, ...named } }), {
      ...{ type: "ipmi", host: "10.0.100.150", cipherSuite: 17 },
      ...credentials,
    });
    assert.deepEqual(bmcAddress({ ...node, bmc: { type: "redfish", url: "https://10.0.100.150", ...named } }), {
      ...{ type: "redfish", url: "https://10.0.100.150", ca: "the CA of all" },
      ...credentials,
    });
  });

  it("a card is woken through the provisioning host, and what a person is asked for stays on the screen", async () => {
    const told: string[] = [];
    const sent: (readonly string[])[] = [];
    const run: Run<NodeOutputs> = { ...silent, info: (text) => void told.push(text) };
    const want = machine("node01", { type: "wake-on-lan" });
    const context = new (class extends NodeContext<StoredNode> {
      override host() {
        const exec = async (argv: readonly string[]) => {
          sent.push(argv);
          return { code: 0, stdout: "", stderr: "" };
        };
        return Promise.resolve({ target: want.host, exec } as unknown as SshSession);
      }
    })(want, run);
    await withBmc(context, async (bmc) => {
      assert.equal(await bmc.power(), "unknown");
      await bmc.setBootOnce("pxe", "uefi");
      await bmc.setPower("cycle");
    });
    const asked = [
      "Please have node01 boot from the network (PXE) once, in UEFI mode: choose it in the boot menu. Nothing to do where that comes first.",
      "node01 is woken over the network. If it is on already, please restart it.",
    ];
    assert.deepEqual(told, asked);
    assert.deepEqual(context.takeRequests(), asked);
    assert.deepEqual(context.takeRequests(), []);
    assert.deepEqual(sent, [["perl", "-", "10.0.100.1", "9", `ffffffffffff${"525400000001".repeat(16)}`, "3"]]);
  });
});
