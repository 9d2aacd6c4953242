import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { LaunchedRack } from "../../../lab/simulated/launch.js";

const LAUNCH = resolve(__dirname, "../../../lab/simulated/launch.js");

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

/** The process has entered the rack's network. */
function isIn(directory: string, pid: number | undefined): boolean {
  return (
    spawnSync("ip", ["netns", "identify", String(pid)], { encoding: "utf8" }).stdout.trim() === basename(directory)
  );
}

const namespaceOf = (directory: string) => join("/run/netns", basename(directory));

describe("a simulated rack that was launched", function () {
  this.timeout("120 s");

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
      await assert.rejects(
        rack.inject({ machines: { node01: { machine: { noPost: true } }, node09: {} }, host: { diskFull: true } }),
        { message: "machines: there is no machine node09; there are node01 to node02" },
      );
      assert.equal(rack.events().length, 1, "nothing of an order that is refused is done");
      const { machines, violations } = await rack.status();
      assert.deepEqual([Object.keys(machines), violations], [["node01", "node02"], []]);
      assert.equal(existsSync(namespaceOf(rack.directory)), true);
    } finally {
      await rack.stop();
    }
    assert.deepEqual([existsSync(rack.directory), existsSync(namespaceOf(rack.directory))], [false, false]);
  });

  it("ends with whoever launched it, also when that is killed, and so does what runs in it; what was made is removed", async () => {
    const program = `require(${JSON.stringify(LAUNCH)}).LaunchedRack.start({ machines: 1 }).then((rack) => {
      const [command, words] = rack.inside(["sleep", "600"]);
      const { pid } = require("node:child_process").spawn(command, words, { detached: true, stdio: "ignore" });
      console.log(JSON.stringify([rack.directory, pid]));
    })`;
    const launcher = spawn(process.execPath, ["-e", program], { stdio: ["ignore", "pipe", "inherit"] });
    const line = String(await once(createInterface(launcher.stdout), "line"));
    const [directory, pid] = z.tuple([z.string(), z.number()]).parse(JSON.parse(line));
    assert.equal(existsSync(namespaceOf(directory)), true);
    launcher.kill("SIGKILL");
    while (existsSync(directory) || existsSync(namespaceOf(directory)) || isAlive(pid)) await sleep(20);
  });

  it("ends what still runs in its network, and nothing is left to do the second time", async () => {
    const rack = await LaunchedRack.start({ machines: 1 });
    const [command, words] = rack.inside(["sleep", "600"]);
    const inside = spawn(command, words, { stdio: "ignore" });
    const ended = once(inside, "exit");
    await once(inside, "spawn");
    while (!isIn(rack.directory, inside.pid)) await sleep(20);
    await rack.stop();
    await ended;
    await rack.stop();
    await assert.rejects(rack.status(), {
      message: "the simulated rack does not run any more: it ended with SIGKILL",
    });
  });

  it("says which options are wrong, before anything is made", async () => {
    const wrong = { machines: 2, speed: 0, foreign: { node03: "xfs" }, dataDisks: ["node01", "node7"] };
    await assert.rejects(LaunchedRack.start(wrong), {
      message:
        "a simulated rack cannot be made: speed: Too small: expected number to be >0; foreign: there is no machine node03; dataDisks: there is no machine node7",
    });
  });

  it("can be asked where names of temporary files are longer than a socket's may be", async () => {
    const place = join(mkdtempSync(join(tmpdir(), "flint-test-")), "x".repeat(120));
    mkdirSync(place);
    const { TMPDIR } = process.env;
    process.env.TMPDIR = place;
    try {
      const rack = await LaunchedRack.start({ machines: 1 });
      try {
        assert.equal(rack.directory.startsWith(place), true);
        assert.deepEqual(Object.keys((await rack.status()).machines), ["node01"]);
      } finally {
        await rack.stop();
      }
      assert.deepEqual(readdirSync(place), []);
    } finally {
      if (TMPDIR === undefined) delete process.env.TMPDIR;
      else process.env.TMPDIR = TMPDIR;
      rmSync(resolve(place, ".."), { recursive: true });
    }
  });

  it("is told as one that cannot start, and removed, where its process may not open what it needs", async () => {
    const program = `require(${JSON.stringify(LAUNCH)}).LaunchedRack.start({ machines: 100 }).catch(({ message }) => console.log(message))`;
    const script = `ulimit -n 60; exec "$@"`;
    const place = mkdtempSync(join(tmpdir(), "flint-test-"));
    const launcher = spawn("bash", ["-c", script, "bash", process.execPath, "-e", program], {
      stdio: ["ignore", "pipe", "ignore"],
      env: { ...process.env, TMPDIR: place },
    });
    const ended = once(launcher, "exit");
    assert.equal(String(await once(createInterface(launcher.stdout), "line")), "the simulated rack ended with 1");
    await ended;
    assert.deepEqual(readdirSync(place), []);
    rmSync(place, { recursive: true });
  });
});
