import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

const MODULE = resolve(__dirname, "../../foundation/private-directory.js");

/** Makes a directory, tells its name, and stays until it is ended. */
const MAKER = `
require(${JSON.stringify(MODULE)}).makePrivateDirectory("material").then((made) => console.log(made));
setInterval(() => {}, 1000);
`;

describe("a private directory for temporary files", () => {
  let place: string;
  const makers: ChildProcess[] = [];

  beforeEach(() => {
    place = mkdtempSync(join(tmpdir(), "flint-place-"));
  });
  afterEach(() => {
    for (const maker of makers.splice(0)) maker.kill("SIGKILL");
    rmSync(place, { recursive: true, force: true });
  });

  /** Of a process of its own, with a key in it. */
  async function made(): Promise<{ maker: ChildProcess; directory: string }> {
    const maker = spawn(process.execPath, ["-e", MAKER], { env: { ...process.env, TMPDIR: place }, stdio: "pipe" });
    makers.push(maker);
    const [line] = await once(maker.stdout ?? assert.fail("no stdout"), "data");
    const directory = String(line).trim();
    writeFileSync(join(directory, "key"), "secret");
    return { maker, directory };
  }

  async function killed(maker: ChildProcess): Promise<void> {
    maker.kill("SIGKILL");
    await once(maker, "exit");
  }

  it("is its process' alone, and named by what it is for", async () => {
    const { directory } = await made();
    assert.equal(dirname(directory), place);
    assert.match(basename(directory), /^flint-material-\d+-\d+-\d+-\w{6}$/);
    assert.equal(statSync(directory).mode & 0o777, 0o700);
  });

  it("of a process that was killed is removed by the next one; of one that lives it stays", async () => {
    const [first, second] = [await made(), await made()];
    await killed(first.maker);
    await made();
    assert.ok(!existsSync(first.directory), "keys are left");
    assert.ok(existsSync(join(second.directory, "key")));
  });

  it("of a process that has ended, and that nobody has asked for yet, is removed, too", async () => {
    // Its parent never asks for it: it stays a zombie.
    const parent = spawn("sh", ["-c", '"$0" -e "$1" & echo "pid $!"; exec sleep 60', process.execPath, MAKER], {
      env: { ...process.env, TMPDIR: place },
      stdio: "pipe",
    });
    makers.push(parent);
    let out = "";
    parent.stdout.on("data", (text) => {
      out += String(text);
    });
    while (!/^pid \d+$/m.test(out) || !out.includes(place)) await sleep(20);
    const pid = Number(/^pid (\d+)$/m.exec(out)?.[1]);
    const directory = /^\/.*$/m.exec(out)?.[0] ?? assert.fail(out);
    process.kill(pid, "SIGKILL");
    while (!/^State:\s*Z/m.test(readFileSync(`/proc/${pid}/status`, "utf8"))) await sleep(20);
    await made();
    assert.ok(!existsSync(directory), "keys are left");
  });

  it("of a process whose number another one, or a thread, has by now is removed, too", async () => {
    const { maker, directory } = await made();
    const numbered = (pid: string) => directory.replace(`-${maker.pid}-`, `-${pid}-`);
    const lost = readdirSync("/proc/self/task").map(numbered);
    assert.ok(lost.length > 1, "this process has no threads");
    for (const one of lost) mkdirSync(one);
    await made();
    assert.deepEqual(lost.filter(existsSync), []);
    assert.ok(existsSync(join(directory, "key")));
  });

  it("that an earlier release made is removed when its process is gone, and stays while it lives", async () => {
    const { maker, directory } = await made();
    const earlier = directory.replace(/-\d+-(\w{6})$/, "-$1");
    mkdirSync(earlier);
    await made();
    assert.ok(existsSync(earlier));
    await killed(maker);
    await made();
    assert.deepEqual([earlier, directory].filter(existsSync), []);
  });

  it("of another container, and what only looks alike, stays", async () => {
    const { maker, directory } = await made();
    await killed(maker);
    const others = [
      directory.replace(/-(\d+)-(\d+)-(\w{6})$/, "-1$1-$2-$3"),
      `${directory}x`,
      join(place, "flint-material-mine"),
      join(place, "flint-project-abcdef"),
    ];
    for (const other of others) mkdirSync(other);
    await made();
    for (const other of others) assert.ok(existsSync(other), other);
  });
});
