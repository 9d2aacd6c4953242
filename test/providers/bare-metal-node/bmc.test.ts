import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import type { SshSession } from "../../../drivers/ssh/target.js";
import { bmcAddress, withBmc } from "../../../providers/bare-metal-node/bmc.js";
import { NodeContext } from "../../../providers/bare-metal-node/context.js";
import type { NodeOutputs } from "../../../providers/bare-metal-node/outputs.js";
import type { StoredNode } from "../../../providers/bare-metal-node/schema.js";
import type { Run } from "../../../providers/runtime/lifecycle.js";

const node = {
  mac: "52:54:00:00:00:01",
  pxe: { httpUrl: "http://10.0.100.1", root: "/var/lib/flint/dev" },
  bmcPassword: undefined,
  bmcDefaults: { username: "admin", password: "all", ca: "the CA of all" },
};

describe("BareMetalNode: how a machine's BMC is reached", () => {
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
    const run: Run<NodeOutputs> = {
      operation: "create",
      signal: new AbortController().signal,
      before: undefined,
      say() {},
      info() {},
      warn() {},
      record() {},
    };
    const atWork = new Map<string, number>();
    let most = 0;
    let all = 0;
    const machines = [...Array(6).keys()].flatMap((system) =>
      ["https://10.0.100.150", "https://10.0.100.151"].map((url) => ({ system, url })),
    );
    await Promise.all(
      machines.map(({ system, url }) => {
        const want: StoredNode = {
          ...node,
          cluster: "dev",
          name: `node${system}`,
          addresses: { provisioning: "10.0.100.50", cluster: "10.0.200.10" },
          host: { name: "provisioning host", host: "10.0.100.1", privateKey: "", hostKeys: [] },
          image: "worker",
          bmc: { type: "redfish", url, system: `/redfish/v1/Systems/${system}` },
          disk: { layout: "single-uefi", mark: "flint-00000000" },
          loginKey: { privateKey: "", publicKey: "" },
          hostKeyPublic: "",
          onDelete: "power-off",
        };
        return withBmc(new NodeContext<StoredNode>(want, run), async () => {
          atWork.set(url, (atWork.get(url) ?? 0) + 1);
          most = Math.max(most, atWork.get(url) ?? 0);
          all = Math.max(
            all,
            [...atWork.values()].reduce((sum, each) => sum + each),
          );
          await sleep(20);
          atWork.set(url, (atWork.get(url) ?? 0) - 1);
        });
      }),
    );
    assert.deepEqual({ most, all }, { most: 2, all: 4 });
  });

  it("a card is woken through the provisioning host, and what a person is asked for stays on the screen", async () => {
    const told: string[] = [];
    const sent: (readonly string[])[] = [];
    const run: Run<NodeOutputs> = {
      operation: "create",
      signal: new AbortController().signal,
      before: undefined,
      say() {},
      info: (text) => void told.push(text),
      warn() {},
      record() {},
    };
    const host = { name: "provisioning host", host: "10.0.100.1", privateKey: "", hostKeys: [] };
    const want: StoredNode = {
      ...node,
      cluster: "dev",
      name: "node01",
      addresses: { provisioning: "10.0.100.50", cluster: "10.0.200.10" },
      host,
      image: "worker",
      bmc: { type: "wake-on-lan" },
      disk: { layout: "single-uefi", mark: "flint-00000000" },
      loginKey: { privateKey: "", publicKey: "" },
      hostKeyPublic: "",
      onDelete: "power-off",
    };
    const context = new (class extends NodeContext<StoredNode> {
      override host() {
        const exec = async (argv: readonly string[]) => {
          sent.push(argv);
          return { code: 0, stdout: "", stderr: "" };
        };
        return Promise.resolve({ target: host, exec } as unknown as SshSession);
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
