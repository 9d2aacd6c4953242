// limit: 360 s
import assert from "node:assert/strict";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import type { SshTarget } from "../../../drivers/ssh/target.js";
import { NodeContext } from "../../../providers/bare-metal-node/context.js";
import type { NodeOutputs, NodePhase } from "../../../providers/bare-metal-node/outputs.js";
import { powerOff } from "../../../providers/bare-metal-node/power-off.js";
import type { StoredNode } from "../../../providers/bare-metal-node/schema.js";
import { connections } from "../../../providers/runtime/connections.js";
import type { Run } from "../../../providers/runtime/lifecycle.js";
import { tls } from "../../drivers/bmc/redfish/bench.js";
import { startSshd, type TestSshd } from "../../drivers/ssh/sshd.js";
import { BmcOnLoopback, PASSWORD } from "../../lab/redfish/bmc-on-loopback.js";
import { freePort } from "../../loopback.js";

/** The machine's ssh is a real sshd on this machine, its `systemctl` a program that notes what it was asked for. */
class NodeOnLoopback extends NodeContext<StoredNode> {
  constructor(
    want: StoredNode,
    run: Run<NodeOutputs>,
    private readonly ssh: SshTarget,
  ) {
    super(want, run);
  }

  override systemTarget(): SshTarget {
    return this.ssh;
  }
}

describe("BareMetalNode: switching a machine off", function () {
  this.timeout(120_000);
  let bmc: BmcOnLoopback;
  let system: TestSshd;
  let asked: string;
  /** While this file is there, the connection ends before the answer comes. */
  let drop: string;
  const told: string[] = [];
  /** How far the machine had come. */
  let phase: NodePhase;
  const resets = () => bmc.requests.filter((request) => request.includes("ComputerSystem.Reset"));
  const run: Run<NodeOutputs> = {
    operation: "delete",
    signal: new AbortController().signal,
    get before() {
      return { phase };
    },
    say() {},
    info: (text) => void told.push(text),
    warn: (text) => void told.push(text),
    record() {},
  };
  const node = (changes: Partial<StoredNode> = {}, ssh = system.target) =>
    new NodeOnLoopback(
      {
        cluster: "dev",
        name: "node04",
        mac: "52:54:00:00:00:04",
        addresses: { provisioning: "127.0.0.97", cluster: "127.0.0.98" },
        host: system.target,
        pxe: { httpUrl: "http://127.0.0.1", root: "/nowhere" },
        image: "control-plane",
        bmc: { type: "redfish", url: bmc.url, ca: tls.ca },
        bmcDefaults: { username: "admin", password: PASSWORD },
        disk: { serial: "DISK-4", layout: "single-uefi", mark: "flint-1a2b3c4d" },
        loginKey: { privateKey: system.target.privateKey, publicKey: "" },
        hostKeyPublic: "",
        onDelete: "power-off",
        ...changes,
      },
      run,
      ssh,
    );

  before(async () => {
    bmc = await BmcOnLoopback.start();
    const programs = `/tmp/flint-test-programs-${process.pid}`;
    mkdirSync(programs, { recursive: true });
    asked = path.join(programs, "asked");
    drop = path.join(programs, "drop");
    writeFileSync(
      path.join(programs, "systemctl"),
      `#!/bin/sh\necho "$*" >>${asked}\n[ ! -e ${drop} ] || kill -KILL $PPID\n`,
      { mode: 0o755 },
    );
    system = await startSshd("node04", [`SetEnv PATH=${programs}:/usr/bin:/bin`]);
  });
  beforeEach(async () => {
    told.length = 0;
    phase = "ready";
    for (const file of [asked, drop]) rmSync(file, { force: true });
    await bmc.machine.powerOn();
    bmc.requests.length = 0;
  });
  after(async () => {
    connections.close();
    await system[Symbol.asyncDispose]();
    await bmc.stop();
    rmSync(path.dirname(asked), { recursive: true, force: true });
  });

  /** As a system does that was told to shut down. */
  const obeying = async (work: () => Promise<void>) => {
    const shuttingDown = setInterval(() => {
      if (existsSync(asked)) void bmc.machine.pressPowerButton();
    }, 100);
    await work().finally(() => clearInterval(shuttingDown));
  };

  it("a connection that ends before the answer comes is a system that shuts down", async () => {
    writeFileSync(drop, "");
    await obeying(() => powerOff(node()));
    assert.equal(readFileSync(asked, "utf8"), "poweroff --no-block\n");
    assert.deepEqual(resets(), []);
  });

  it("its system shuts down in order, and no reset is sent", async () => {
    await obeying(() => powerOff(node()));
    assert.equal(readFileSync(asked, "utf8"), "poweroff --no-block\n");
    assert.equal(bmc.machine.power(), "Off");
    assert.deepEqual(resets(), []);
    assert.deepEqual(told, []);
  });

  it("one that does not end in time is switched off by force, and the user is told", async () => {
    await powerOff(node(), { orderlyMs: 2_000 });
    assert.equal(bmc.machine.power(), "Off");
    assert.equal(resets().length, 1);
    assert.deepEqual(told, ["node04 did not shut down within 2 s: it is switched off by force."]);
  });

  const silent = async () => node({}, { ...system.target, port: await freePort() });
  /** The types of the resets that the BMC was sent. */
  const types = () => bmc.bmc.resets.splice(0);

  it("one whose system does not answer is asked through its BMC", async () => {
    types();
    await powerOff(await silent());
    assert.equal(bmc.machine.power(), "Off");
    assert.deepEqual(types(), ["GracefulShutdown"]);
    assert.deepEqual(told, []);
    assert.equal(existsSync(asked), false);
  });

  it("one that does not hear that either is switched off by force, and the user is told", async () => {
    types();
    bmc.machine.hangs = true;
    await powerOff(await silent(), { buttonMs: 1_500 }).finally(() => {
      bmc.machine.hangs = false;
    });
    assert.equal(bmc.machine.power(), "Off");
    assert.deepEqual(types(), ["GracefulShutdown", "ForceOff"]);
    assert.deepEqual(told, ["node04 did not shut down within 1.5 s: it is switched off by force."]);
  });

  it("where nothing is installed yet, by force at once", async () => {
    types();
    phase = "installer-up";
    await powerOff(await silent());
    assert.equal(bmc.machine.power(), "Off");
    assert.deepEqual(types(), ["ForceOff"]);
  });

  it("a machine that shows another host key, as an installer does, is not told to shut down", async () => {
    const other = await startSshd("other");
    try {
      await powerOff(node({}, { ...system.target, hostKeys: other.target.hostKeys }));
    } finally {
      await other[Symbol.asyncDispose]();
    }
    assert.equal(existsSync(asked), false);
    assert.equal(bmc.machine.power(), "Off");
  });

  it("nothing is asked of a machine that is off", async () => {
    await bmc.machine.forceOff();
    await powerOff(node());
    assert.equal(existsSync(asked), false);
    assert.deepEqual(resets(), []);
  });

  it("without a BMC: done when its system falls silent; else a person is asked", async () => {
    const manual = node({ bmc: { type: "manual" } });
    await powerOff(manual, { orderlyMs: 1_500 });
    assert.equal(readFileSync(asked, "utf8"), "poweroff --no-block\n");
    assert.deepEqual(told, [
      "node04 did not shut down within 1.5 s: it is switched off by force.",
      "Please switch node04 off: hold its power button for five seconds.",
    ]);

    const own = await startSshd("node04", [`SetEnv PATH=${path.dirname(asked)}:/usr/bin:/bin`]);
    const ending = setInterval(() => {
      if (existsSync(asked)) void own[Symbol.asyncDispose]();
    }, 100);
    rmSync(asked);
    told.length = 0;
    await powerOff(node({ bmc: { type: "manual" } }, own.target)).finally(() => clearInterval(ending));
    assert.deepEqual(told, []);
    assert.deepEqual(bmc.requests, []);
  });
});
