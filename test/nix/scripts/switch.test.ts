import assert from "node:assert/strict";
import { execFileSync, spawn, spawnSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CHECKOUT } from "../nix-evaluation.js";

/** Systems are real store paths, generations a real profile; what a switch does to the machine is a line in `log`. */
describe("switch.sh", function () {
  this.timeout(30_000);
  let work = "";
  beforeEach(() => {
    work = mkdtempSync(join(tmpdir(), "flint-switch-"));
    writeFileSync(join(work, "log"), "");
  });
  afterEach(() => rmSync(work, { recursive: true, force: true }));
  const at = (name: string) => join(work, name);

  /** A system that makes itself the current one; `then` is what its activation does and how it ends. */
  function system(name: string, then = ""): string {
    const dir = at(`${name}-system`);
    mkdirSync(join(dir, "bin"), { recursive: true });
    const script = `#!/bin/sh\necho "${name} $1" >> ${at("log")}\nln -sfn "$(dirname "$(dirname "$0")")" ${at("current")}\n${then}\n`;
    writeFileSync(join(dir, "bin/switch-to-configuration"), script);
    chmodSync(join(dir, "bin/switch-to-configuration"), 0o755);
    return execFileSync("nix-store", ["--add", dir], { encoding: "utf8" }).trim();
  }
  /** The node runs `running`, as its first generation. */
  function node(running: string): void {
    execFileSync("nix-env", ["-p", at("profile"), "--set", running]);
    symlinkSync(running, at("current"));
  }
  const health = (script: string) => writeFileSync(at("health"), script);
  const environment = () => ({
    ...process.env,
    FLINT_PROFILE: at("profile"),
    FLINT_CURRENT_SYSTEM: at("current"),
    FLINT_HEALTH: at("health"),
    FLINT_STATE_DIR: at("state"),
    FLINT_INTERVAL: "0.1",
  });
  const SCRIPT = join(CHECKOUT, "nix/scripts/switch.sh");
  const args = (...more: string[]) => [SCRIPT, "--result", at("run/result.json"), ...more];
  function run(...more: string[]) {
    const { status, stderr } = spawnSync("sh", args(...more), { env: environment(), encoding: "utf8" });
    return { status, said: stderr.split("\n").filter((line) => line.startsWith("flint-switch: ")) };
  }
  const result = () => JSON.parse(readFileSync(at("run/result.json"), "utf8"));
  const generation = () => readlinkSync(at("profile"));
  const log = () => readFileSync(at("log"), "utf8");

  it("switches to a system that is healthy", () => {
    const [one, two] = [system("one"), system("two")];
    node(one);
    health("true");
    assert.deepEqual(run(two), {
      status: 0,
      said: [
        `flint-switch: switching from ${one} to ${two}; going back unless it is healthy in 180 s`,
        `flint-switch: ${two} runs and is healthy`,
      ],
    });
    assert.deepEqual([generation(), log(), readlinkSync(at("current"))], ["profile-2-link", "two switch\n", two]);
    assert.deepEqual(result(), { state: "switched", system: two, previous: one, reason: "" });
  });

  it("waits for a system that takes its time", () => {
    const two = system("two", `(sleep 1; touch ${at("well")}) > /dev/null 2>&1 &`);
    node(system("one"));
    health(`[ ! -e ${at("switched")} ] && touch ${at("switched")} && exit 0; [ -e ${at("well")} ]`);
    assert.equal(run(two).status, 0);
    assert.equal(generation(), "profile-2-link");
  });

  it("goes back from a system that does not become healthy, says why, and starts the one before next time", () => {
    const [one, two] = [system("one"), system("two")];
    node(one);
    health(
      `[ "$(readlink ${at("current")})" = ${one} ] || { echo "  ok      iam: healthy here"; echo "  NOT OK  chainfire: health here answers 503"; exit 75; }`,
    );
    const reason = "not healthy: chainfire: health here answers 503, 1 s after the switch";
    assert.deepEqual(run("--deadline", "1", two), {
      status: 3,
      said: [
        `flint-switch: switching from ${one} to ${two}; going back unless it is healthy in 1 s`,
        `flint-switch: ROLLBACK: ${two}: ${reason}. Going back to generation 1, ${one}`,
        `flint-switch: ROLLBACK done: ${one} runs again, and the next start is with it`,
      ],
    });
    assert.deepEqual(
      [generation(), log(), readlinkSync(at("current"))],
      ["profile-1-link", "two switch\none switch\n", one],
    );
    assert.deepEqual(result(), { state: "rolled-back", system: two, previous: one, reason });
    const { at: when, ...kept } = JSON.parse(readFileSync(at("state/rolled-back.json"), "utf8"));
    assert.deepEqual(kept, { system: two, reason });
    assert.ok(Math.abs(Date.parse(when) - Date.now()) < 60_000, when);
  });

  it("goes back at once when the activation fails, and forgets it when a later switch succeeds", () => {
    const [one, two, three] = [system("one"), system("two", "exit 1"), system("three")];
    node(one);
    health("true");
    assert.equal(run(two).status, 3);
    assert.equal(result().reason, "its activation ended with 1");
    assert.ok(existsSync(at("state/rolled-back.json")));
    assert.equal(run(three).status, 0);
    assert.equal(existsSync(at("state/rolled-back.json")), false);
  });

  it("gives units that failed at first the time to come up (exit code 4 of an activation)", () => {
    const two = system("two", "exit 4");
    node(system("one"));
    health("true");
    assert.equal(run(two).status, 0);
    assert.equal(result().state, "switched");
  });

  it("does not let health decide that was bad before", () => {
    const [one, two] = [system("one"), system("two")];
    node(one);
    health("echo '  NOT OK  flaredb: no member answers with a leader'; exit 75");
    assert.deepEqual(run(two), {
      status: 0,
      said: [
        `flint-switch: switching from ${one} to ${two}`,
        "flint-switch: the node is not healthy before the switch (flaredb: no member answers with a leader): its health will not decide",
        `flint-switch: ${two} runs`,
      ],
    });
  });

  it("goes back when nobody can reach the node any more, where it was told to wait for that", async () => {
    const [one, two, three] = [system("one"), system("two"), system("three")];
    node(one);
    health("true");
    assert.equal(run("--confirm", "--deadline", "1", two).status, 3);
    assert.equal(result().reason, "nobody could reach the node, 1 s after the switch");
    const child = spawn("sh", args("--confirm", "--deadline", "20", three), { env: environment(), stdio: "ignore" });
    const ended = new Promise((resolve) => child.on("exit", resolve));
    while (result().state !== "waiting") await new Promise((resolve) => setTimeout(resolve, 50));
    writeFileSync(at("run/result.json.confirmed"), "");
    assert.equal(await ended, 0);
    assert.equal(result().state, "switched");
  });

  it("says so when going back fails too", () => {
    const [one, two] = [system("one", "exit 1"), system("two", "exit 1")];
    node(one);
    health("true");
    const { status, said } = run(two);
    assert.equal(status, 4);
    assert.equal(
      said.at(-1),
      `flint-switch: ROLLBACK FAILED: neither ${two} (its activation ended with 1) nor ${one} could be activated. ` +
        "See the lines above; log in and run switch-to-configuration by hand",
    );
    assert.equal(result().state, "failed");
  });

  it("changes nothing for a system that runs already, or that is not there", () => {
    const one = system("one");
    node(one);
    health("true");
    assert.deepEqual(run(one), { status: 0, said: [`flint-switch: ${one} runs already`] });
    assert.deepEqual(run("/nix/store/none"), {
      status: 1,
      said: ["flint-switch: /nix/store/none is no system of this node's store: nothing was changed"],
    });
    assert.deepEqual([generation(), log()], ["profile-1-link", ""]);
    assert.deepEqual([run().status, run("--now", one).status, run("--deadline", "soon", one).status], [2, 2, 2]);
  });
});
