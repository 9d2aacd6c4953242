import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { CHECKOUT } from "../nix-evaluation.js";
import { NodeWithProfile } from "../node-with-profile.js";

describe("switch.sh", function () {
  this.timeout(120_000);
  let node: NodeWithProfile;
  beforeEach(() => {
    node = new NodeWithProfile();
  });
  afterEach(() => node.remove());

  const SCRIPT = join(CHECKOUT, "nix/scripts/switch.sh");
  const args = (...more: string[]) => [SCRIPT, "--result", node.at("run/result.json"), ...more];
  function run(...more: string[]) {
    const { status, stderr } = spawnSync("sh", args(...more), { env: node.environment(), encoding: "utf8" });
    return { status, said: stderr.split("\n").filter((line) => line.startsWith("flint-switch: ")) };
  }
  const result = () => JSON.parse(readFileSync(node.at("run/result.json"), "utf8"));

  it("switches to a system that is healthy", () => {
    const [one, two] = [node.system("one"), node.system("two")];
    node.run(one);
    assert.deepEqual(run(two), {
      status: 0,
      said: [
        `flint-switch: switching from ${one} to ${two}; going back unless it is healthy in 180 s`,
        `flint-switch: ${two} runs and is healthy`,
      ],
    });
    assert.deepEqual([node.generation(), node.log(), node.current()], ["profile-2-link", "two switch\n", two]);
    assert.deepEqual(result(), { state: "switched", system: two, previous: one, reason: "" });
  });

  it("waits for a system that takes its time", () => {
    const two = node.system("two", `(sleep 1; touch ${node.at("well")}) > /dev/null 2>&1 &`);
    node.run(node.system("one"));
    node.health(`[ ! -e ${node.at("switched")} ] && touch ${node.at("switched")} && exit 0; [ -e ${node.at("well")} ]`);
    assert.equal(run(two).status, 0);
    assert.equal(node.generation(), "profile-2-link");
  });

  it("goes back from a system that does not become healthy, says why, and starts the one before next time", () => {
    const [one, two] = [node.system("one"), node.system("two")];
    node.run(one);
    node.health(
      `[ "$(readlink ${node.at("current")})" = ${one} ] || { echo "  ok      iam: healthy here"; echo "  NOT OK  chainfire: health here answers 503"; exit 75; }`,
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
      [node.generation(), node.log(), node.current()],
      ["profile-1-link", "two switch\none switch\n", one],
    );
    assert.deepEqual(result(), { state: "rolled-back", system: two, previous: one, reason });
    const { at: when, ...kept } = JSON.parse(readFileSync(node.at("state/rolled-back.json"), "utf8"));
    assert.deepEqual(kept, { system: two, reason });
    assert.ok(Math.abs(Date.parse(when) - Date.now()) < 60_000, when);
  });

  it("goes back at once when the activation fails, and forgets it when a later switch succeeds", () => {
    const [one, two, three] = [node.system("one"), node.system("two", "exit 1"), node.system("three")];
    node.run(one);
    assert.equal(run(two).status, 3);
    assert.equal(result().reason, "its activation ended with 1");
    assert.ok(existsSync(node.at("state/rolled-back.json")));
    assert.equal(run(three).status, 0);
    assert.equal(existsSync(node.at("state/rolled-back.json")), false);
  });

  it("gives units that failed at first the time to come up (exit code 4 of an activation)", () => {
    const two = node.system("two", "exit 4");
    node.run(node.system("one"));
    assert.equal(run(two).status, 0);
    assert.equal(result().state, "switched");
  });

  it("does not let health decide that was bad before", () => {
    const [one, two] = [node.system("one"), node.system("two")];
    node.run(one);
    node.health("echo '  NOT OK  flaredb: no member answers with a leader'; exit 75");
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
    const [one, two, three] = [node.system("one"), node.system("two"), node.system("three")];
    node.run(one);
    assert.equal(run("--confirm", "--deadline", "1", two).status, 3);
    assert.equal(result().reason, "nobody could reach the node, 1 s after the switch");
    const child = spawn("sh", args("--confirm", "--deadline", "20", three), {
      env: node.environment(),
      stdio: "ignore",
    });
    const ended = new Promise((resolve) => child.on("exit", resolve));
    // Between two of its words there may be none: it takes away the last one's result first.
    const state = () => (existsSync(node.at("run/result.json")) ? result().state : undefined);
    while (state() !== "waiting") await new Promise((resolve) => setTimeout(resolve, 50));
    writeFileSync(node.at("run/result.json.confirmed"), "");
    assert.equal(await ended, 0);
    assert.equal(result().state, "switched");
  });

  it("says so when going back fails too", () => {
    const [one, two] = [node.system("one", "exit 1"), node.system("two", "exit 1")];
    node.run(one);
    const { status, said } = run(two);
    assert.equal(status, 4);
    assert.equal(
      said.at(-1),
      `flint-switch: ROLLBACK FAILED: neither ${two} (its activation ended with 1) nor ${one} could be activated. ` +
        "See the lines above; log in and run switch-to-configuration by hand",
    );
    assert.equal(result().state, "failed");
  });

  it("changes nothing where the profile takes no other system, as on a disk that is full or has become read-only", () => {
    const [one, two] = [node.system("one"), node.system("two")];
    node.run(one);
    mkdirSync(node.at("run"));
    const readOnly = `mount --bind "$0/run" "$0/run" && mount --rbind "$0" "$0" && mount -o remount,ro,bind "$0" && exec sh "$@"`;
    const { status, stderr } = spawnSync("unshare", ["-m", "sh", "-c", readOnly, node.directory, ...args(two)], {
      env: node.environment(),
      encoding: "utf8",
    });
    const said = stderr.split("\n").filter((line) => line.startsWith("flint-switch: "));
    assert.deepEqual(
      { status, said: said.at(-1) },
      { status: 1, said: `flint-switch: ${two} could not become the profile's system: nothing was changed` },
      stderr,
    );
    assert.deepEqual([node.generation(), node.log(), node.current()], ["profile-1-link", "", one]);
    const reason = "it could not become the profile's system";
    assert.deepEqual(result(), { state: "refused", system: two, previous: one, reason });
  });

  it("changes nothing for a system that runs already, or that is not there", () => {
    const one = node.system("one");
    node.run(one);
    assert.deepEqual(run(one), { status: 0, said: [`flint-switch: ${one} runs already`] });
    assert.deepEqual(run("/nix/store/none"), {
      status: 1,
      said: ["flint-switch: /nix/store/none is no system of this node's store: nothing was changed"],
    });
    assert.deepEqual([node.generation(), node.log()], ["profile-1-link", ""]);
    assert.deepEqual([run().status, run("--now", one).status, run("--deadline", "soon", one).status], [2, 2, 2]);
  });

  it("goes back to what ran, not to what the profile was set to for the next start", () => {
    const [one, pending, two] = [node.system("one"), node.system("pending"), node.system("two", "exit 1")];
    node.run(one);
    node.deploy(pending);
    assert.equal(run(two).status, 3);
    assert.deepEqual([node.generation(), node.current()], ["profile-1-link", one]);
    assert.equal(result().previous, one);
  });

  it("starts what the profile names already when something else runs, and makes that a generation to go back to", () => {
    const [one, two] = [node.system("one"), node.system("two", "exit 1")];
    node.run(one);
    node.deploy(two);
    rmSync(node.at("profile-1-link"));
    assert.equal(run(two).status, 3);
    assert.deepEqual(
      [node.generation(), node.current(), node.log()],
      ["profile-3-link", one, "two switch\none switch\n"],
    );
  });

  it("changes nothing where no system runs that it could go back to", () => {
    const [one, two] = [node.system("one"), node.system("two")];
    node.run(one);
    rmSync(node.at("current"));
    assert.deepEqual(run(two), {
      status: 1,
      said: [`flint-switch: ${node.at("current")} names no system to go back to: nothing was changed`],
    });
    assert.deepEqual([node.generation(), node.log(), result().state], ["profile-1-link", "", "refused"]);
  });
});
