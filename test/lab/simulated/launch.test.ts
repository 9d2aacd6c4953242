import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { LaunchedRack } from "../../../lab/simulated/launch.js";

const LAUNCH = resolve(__dirname, "../../../lab/simulated/launch.js");
const namespaceOf = (directory: string) => join("/run/netns", basename(directory));

describe("a simulated rack that was launched", function () {
  this.timeout("60 s");

  it("tells what happened and what is refused, and leaves nothing behind when it is stopped", async () => {
    const rack = await LaunchedRack.start({ machines: 2 });
    try {
      await rack.inject({ machines: { node02: { machine: { noLink: true } } } });
      assert.deepEqual(
        rack.events().map(({ event, machine, faults }) => ({ event, machine, faults })),
        [{ event: "faults", machine: "node02", faults: { noLink: true } }],
      );
      await assert.rejects(rack.inject({ machines: { node03: { machine: {} } } }), /there is no machine node03/);
      const unknown: object = { machines: { node01: { machine: { dhcpLots: 1 } } } };
      await assert.rejects(rack.inject(unknown), {
        message: 'machines.node01.machine: Unrecognized key: "dhcpLots"',
      });
      const { machines, violations } = await rack.status();
      assert.deepEqual([Object.keys(machines), violations], [["node01", "node02"], []]);
      assert.equal(existsSync(namespaceOf(rack.directory)), true);
    } finally {
      await rack.stop();
    }
    assert.deepEqual([existsSync(rack.directory), existsSync(namespaceOf(rack.directory))], [false, false]);
  });

  it("ends with whoever launched it, also when that is killed, and removes what was made", async () => {
    const program = `require(${JSON.stringify(LAUNCH)}).LaunchedRack.start({ machines: 1 }).then(({ directory }) => console.log(directory))`;
    const launcher = spawn(process.execPath, ["-e", program], { stdio: ["ignore", "pipe", "inherit"] });
    const directory = String(await once(createInterface(launcher.stdout), "line"));
    assert.equal(existsSync(namespaceOf(directory)), true);
    launcher.kill("SIGKILL");
    while (existsSync(directory) || existsSync(namespaceOf(directory))) await sleep(20);
  });
});
