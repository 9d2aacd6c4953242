import assert from "node:assert/strict";
import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { FlintError, isFlintError } from "../../../foundation/errors.js";
import { keptOf } from "../../../providers/bare-metal-node/boot-installer.js";
import { NodeContext } from "../../../providers/bare-metal-node/context.js";
import { type NodeRecord, recordFile } from "../../../providers/bare-metal-node/record.js";
import {
  isUnwritten,
  refuseLiving,
  refuseRunning,
  remove,
  withWayOut,
} from "../../../providers/bare-metal-node/remove.js";
import { renderDiskScript } from "../../../providers/bare-metal-node/render/boot-script.js";
import type { StoredNode } from "../../../providers/bare-metal-node/schema.js";
import { forgetReplaced, noteResumed } from "../../../providers/membership/replaced.js";
import { connections } from "../../../providers/runtime/connections.js";
import { tls } from "../../drivers/bmc/redfish/bench.js";
import { startSshd, type TestSshd } from "../../drivers/ssh/sshd.js";
import { BmcOnLoopback, PASSWORD } from "../../lab/redfish/bmc-on-loopback.js";
import { freePort } from "../../loopback.js";
import { quietRun } from "./quiet-run.js";

/** The provisioning host is a real sshd on this machine; the machine and its BMC are addresses where nobody listens. */
describe("BareMetalNode: letting a machine go", function () {
  this.timeout(120_000);
  let host: TestSshd;
  let want: StoredNode;
  const warnings: string[] = [];
  const run = quietRun({ operation: "delete", warn: (text) => void warnings.push(text) });
  const registration = () => path.join(host.directory, "pxe/dnsmasq/hosts.d/node04");

  before(async () => {
    host = await startSshd("provisioning host");
    const root = path.join(host.directory, "pxe");
    const url = `https://127.0.0.1:${await freePort()}`;
    want = {
      cluster: "dev",
      name: "node04",
      mac: "52:54:00:00:00:04",
      addresses: { provisioning: "127.0.0.97", cluster: "127.0.0.98" },
      host: host.target,
      pxe: { httpUrl: "http://127.0.0.1", root },
      image: "control-plane",
      bmc: { type: "redfish", url },
      bmcDefaults: { username: "admin", password: "long-enough-password" },
      disk: { serial: "DISK-4", layout: "single-uefi", mark: "flint-1a2b3c4d" },
      loginKey: { privateKey: host.target.privateKey, publicKey: "" },
      hostKeyPublic: host.target.hostKeys[0] ?? "",
      onDelete: "power-off",
    };
  });
  beforeEach(() => {
    warnings.length = 0;
    mkdirSync(path.dirname(registration()), { recursive: true });
    writeFileSync(registration(), "52:54:00:00:00:04,node04\n");
  });
  afterEach(() => {
    delete process.env.FLINT_GONE;
  });
  after(async () => {
    connections.close();
    await host[Symbol.asyncDispose]();
  });

  it("a BMC that does not answer keeps it, and the message says how to let go of hardware that is no more", async () => {
    await assert.rejects(remove(want, run), (error: Error) => {
      assert.match(error.message, /If node04 is gone for good: `FLINT_GONE=node04 pulumi up`\. \[BMC_UNREACHABLE\]$/);
      return true;
    });
    assert.ok(existsSync(registration()));
  });

  it("nothing is done to a machine that was installed anew since the state was written, as of a backup", async () => {
    noteResumed("dev", "node04");
    await remove(want, run).finally(() => forgetReplaced());
    assert.ok(existsSync(registration()), "its registration is the new installation's");
  });

  it("a machine that has another name by now is that node's: only what bears the earlier name goes, and no BMC is asked", async () => {
    const script = path.join(host.directory, "pxe/http/nodes/52-54-00-00-00-04.ipxe");
    mkdirSync(path.dirname(script), { recursive: true });
    writeFileSync(script, renderDiskScript({ name: "node09", firmware: "uefi", httpUrl: "http://127.0.0.1" }));
    try {
      await remove({ ...want, onDelete: "wipe" }, run);
      assert.deepEqual([existsSync(registration()), existsSync(script)], [false, true]);
    } finally {
      rmSync(script);
    }
    assert.deepEqual(warnings, [
      "node04: its machine is node09 now, by its MAC 52:54:00:00:00:04. Only what is registered as node04 is removed; nothing is done to the machine.",
    ]);
  });

  it("while the provisioning host does not say whose the machine is by now, nothing is done to it, gone or not", async () => {
    const bmc = await BmcOnLoopback.start();
    try {
      await bmc.machine.powerOn();
      const away = { ...host.target, name: "provisioning host", port: await freePort() };
      const access = { bmc: { type: "redfish" as const, url: bmc.url, ca: tls.ca }, bmcPassword: PASSWORD };
      for (const [onDelete, phase] of [
        ["power-off", "power off"],
        ["wipe", "wipe"],
        ["leave", "removal of its registration"],
      ] as const) {
        for (const gone of ["", "node04"]) {
          process.env.FLINT_GONE = gone;
          await assert.rejects(remove({ ...want, ...access, host: away, onDelete }, run), {
            message: `node04, ${phase}: provisioning host: expected ssh at ${away.user}@127.0.0.1:${away.port} but found connection refused. Check that provisioning host is up, that 127.0.0.1 is its address, and that nothing blocks port ${away.port}. [SSH_UNREACHABLE]`,
          });
        }
      }
      assert.equal(bmc.machine.power(), "On");
      assert.ok(existsSync(registration()));
      assert.deepEqual(warnings, []);
    } finally {
      await bmc.stop();
    }
  });

  it("a machine that is said to be gone is not asked; its registration is removed, and the user told", async () => {
    process.env.FLINT_GONE = "node03,node04";
    await remove(want, run);
    assert.equal(existsSync(registration()), false);
    assert.deepEqual(warnings, ["node04 is taken as gone: it was not switched off."]);
    warnings.length = 0;
    await remove({ ...want, onDelete: "wipe" }, run);
    assert.deepEqual(warnings, ["node04 is taken as gone: it was neither wiped nor switched off."]);
  });

  describe("with onDelete: wipe, when none of its disks was written for this installation", () => {
    let bmc: BmcOnLoopback;
    const told: string[] = [];
    const recorded = (phase: NodeRecord["phase"], more: Partial<NodeRecord> = {}) => {
      const ids = { node: "node04", mark: "flint-1a2b3c4d", nonce: "0123456789abcdef" };
      const record: NodeRecord = { version: 1, ...ids, phase, ...more };
      const file = recordFile(path.join(host.directory, "pxe"), record);
      mkdirSync(path.dirname(file.path), { recursive: true });
      writeFileSync(file.path, file.content);
    };
    const letGo = () => {
      const access = { bmc: { type: "redfish" as const, url: bmc.url, ca: tls.ca }, bmcPassword: PASSWORD };
      return remove(
        { ...want, ...access, onDelete: "wipe" },
        quietRun({ operation: "delete", info: (text) => void told.push(text) }),
      );
    };

    before(async () => {
      bmc = await BmcOnLoopback.start();
    });
    beforeEach(async () => {
      told.length = 0;
      await bmc.machine.powerOn();
    });
    after(() => bmc.stop());

    it("it is switched off in its installer, its disks are left as they are, and the user told", async () => {
      recorded("booting");
      await letGo();
      assert.equal(bmc.machine.power(), "Off");
      assert.deepEqual(told, ["node04 was not installed: nothing of its disks is wiped."]);
      assert.equal(existsSync(registration()), false);
    });

    it("a boot source that lasts, as a killed run has left it, is taken back", async () => {
      const system = "/redfish/v1/Systems/1";
      const Boot = { BootSourceOverrideEnabled: "Continuous", BootSourceOverrideTarget: "Pxe" };
      await bmc.ask("PATCH", system, { body: { Boot } });
      recorded("booting", { lasting: true });
      await letGo();
      assert.equal((await bmc.ask("GET", system)).json.Boot.BootSourceOverrideEnabled, "Disabled");
      assert.equal(existsSync(registration()), false);
    });

    it("but not where its installation was begun or finished, or another one is on record", () => {
      const mark = "flint-1a2b3c4d";
      assert.equal(isUnwritten(mark, { phase: "booting", mark }), true);
      for (const phase of ["installing", "installed", "ready", "wiping", "wiped"] as const)
        assert.equal(isUnwritten(mark, { phase, mark }), false, phase);
      assert.equal(isUnwritten(mark, { phase: "booting", mark: "flint-99999999" }), false);
      assert.equal(isUnwritten(mark, { phase: "booting", mark }, { toplevel: "/nix/store/a-nixos" }), false);
      assert.equal(isUnwritten(mark, undefined), false);
      const again = keptOf({ version: 1, node: "node04", nonce: "0", phase: "installing", mark }, mark);
      assert.equal(isUnwritten(mark, { phase: "booting", mark, ...again }), false, "started anew since");
    });
  });

  it("a machine that its BMC shows as off, and that answers ssh all the same, is not forgotten", async () => {
    const node = new NodeContext(want, run);
    await refuseRunning(node); // nobody answers at its address
    node.systemTarget = () => host.target;
    await assert.rejects(refuseRunning(node, 300), {
      message:
        "node04, power: expected node04 to be off, as its BMC shows it, within 0.3 s but found its system still answers ssh at " +
        "127.0.0.97. Reset the BMC (not the machine) or switch the machine off by hand, then run the same command again: it " +
        "goes on from here. [BMC_WRONG_STATE]",
    });
    await refuseRunning(new NodeContext({ ...want, bmc: { type: "manual" } }, run)); // a person was asked, and takes his time
  });

  it("silence of the provisioning host says nothing of a machine that may be gone", () => {
    const silence = (subject: string) =>
      new FlintError("SSH_UNREACHABLE", { subject, expected: "an answer", found: "none", remedy: "Look at it." });
    const remedyOf = (error: unknown) => (isFlintError(error) ? error.remedy : assert.fail(String(error)));
    const subject = `${want.host.name}, reading /var/lib/flint/dev/nodes/node04/record.json`;
    assert.equal(remedyOf(withWayOut(silence(subject), want)), "Look at it.");
    assert.equal(
      remedyOf(withWayOut(silence("node04"), want)),
      "Look at it. If node04 is gone for good: `FLINT_GONE=node04 pulumi up`.",
    );
    // A host may be called what a machine's name begins with.
    const host = { ...want.host, name: "node" };
    assert.match(remedyOf(withWayOut(silence("node04, BMC at https://10.0.100.153"), { ...want, host })), /FLINT_GONE/);
  });

  it("one that answers with its own host key is not gone", () => {
    for (const answer of ["ready", "auth-failed"] as const)
      assert.throws(() => refuseLiving("node04", "10.0.100.53", answer), {
        message:
          "node04, named in FLINT_GONE: expected no answer, for it is said to be gone but found node04 itself answers ssh at " +
          "10.0.100.53. Run `pulumi up` without FLINT_GONE: it is let go as any other. [NODE_NOT_GONE]",
      });
    for (const answer of ["timeout", "refused", "wrong-host-key"] as const)
      refuseLiving("node04", "10.0.100.53", answer);
  });
});
