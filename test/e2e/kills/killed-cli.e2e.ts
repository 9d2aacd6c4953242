// limit: 840 s
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { execa } from "execa";
import { waitUntil } from "../../../foundation/wait.js";
import { LaunchedRack } from "../../../lab/simulated/launch.js";
import { SimulatedProject } from "../../../lab/simulated/project.js";
import { RackEvents } from "../rack-events.js";
import { killTree, marked, processesOf } from "./process-tree.js";

const UP = ["up", "--yes", "--skip-preview"];
const PROVIDER = /dynamic-provider/;
const WAITING = "the program waits";

/** What docs/interrupted.md says that Pulumi says after a kill, and the command that it names for it. */
const documented = (start: string): { says: RegExp; command: string } => {
  const page = readFileSync(resolve(__dirname, "../../../../docs/interrupted.md"), "utf8");
  const row = page.split("\n").find((line) => line.startsWith(`| \`${start}`)) ?? assert.fail(`no row of ${start}`);
  const [says = "", , action = ""] = row.split("|").slice(1);
  const [text, command] = [says, action].map((cell) => /`([^`]+)`/.exec(cell)?.[1] ?? assert.fail(row));
  const literal = (text ?? "").replaceAll(/[()]/g, "\\$&").replaceAll(/\b(N|1)\b/g, "\\d+");
  return { says: new RegExp(literal), command: command ?? "" };
};

/** Somebody kills the CLI alone, as the kernel does that is short of memory: what it has started is left to itself. */
describe("the Pulumi CLI is killed, and nothing that it has started:", function () {
  this.bail(true);
  this.timeout(150_000);
  let rack: LaunchedRack;
  let project: SimulatedProject;
  let run = "";

  /** Starts the CLI; `killed` kills it, and waits for the end of its provider. */
  const begin = (argv: readonly string[]) => {
    run = randomUUID();
    const child = project.start(argv, 120, marked(run));
    let printed = "";
    child.all.on("data", (part: Buffer) => {
      printed += part.toString("utf8");
    });
    let ended = false;
    child.finally(() => {
      ended = true;
    });
    return {
      until: (look: () => boolean, reason: string) => {
        const looked = async () => look() || (ended && assert.fail(`it ended by itself:\n${printed}`));
        return waitUntil(looked, { reason, deadlineMs: 90_000, intervalMs: 20, remedy: printed });
      },
      prints: (text: string) => printed.includes(text),
      async killed() {
        child.kill("SIGKILL");
        await child;
        const none = async () => providers().length === 0;
        await waitUntil(none, { reason: "the provider's end", deadlineMs: 20_000, intervalMs: 100, remedy: "" });
        await killTree(run); // plugins of others, which take minutes
      },
    };
  };
  const providers = () => processesOf(run).filter(({ command }) => PROVIDER.test(command));
  /** One command that the documentation names, as it stands there. */
  const follow = async (command: string) => {
    const [program, ...argv] = command.split(" ");
    assert.equal(program, "pulumi", command);
    await project.pulumi([...argv, "--yes"], 120);
  };

  before(async () => {
    rack = await LaunchedRack.start({ machines: 3, seed: "killed-cli", speed: 40 });
    project = await SimulatedProject.make(rack);
  });
  after(async () => {
    await killTree(run);
    await rack?.stop();
    project?.remove();
  });

  it("while machines are installed, its provider ends", async () => {
    const events = new RackEvents(rack);
    const { until, killed } = begin(UP);
    await until(() => events.next().some(({ event }) => event === "format"), "a disk that is formatted");
    await killed();
  });

  it("the next `up` is told of the lock, and the command of the documentation takes it away", async () => {
    const { says, command } = documented("the stack is currently locked");
    const { exitCode, all } = await project.start(UP, 60);
    assert.notEqual(exitCode, 0);
    assert.match(all, says);
    await follow(command);
  });

  it("the next `up` tells of pending operations, does its work all the same, and the command clears them", async () => {
    const { says, command } = documented("Attempting to deploy");
    const up = await project.start(UP, 140);
    assert.equal(up.exitCode, 0, up.all);
    assert.match(up.all, says);
    assert.match(await project.pulumi(["stack", "output", "health"], 60), /^3 nodes healthy; /);
    assert.match(await project.pulumi([...UP, "--expect-no-changes"], 60), says);
    await follow(command);
    assert.doesNotMatch(await project.pulumi([...UP, "--expect-no-changes"], 60), says);
    const { counts, violations } = await rack.status();
    assert.deepEqual(violations, []);
    for (const name of ["node01", "node02", "node03"])
      assert.deepEqual(Object.values(counts[name]?.installs ?? {}), [1], `${name} is installed once`);
  });

  it("while its provider has nothing to do, it ends as well", async () => {
    const program = join(project.directory, "index.js");
    const waits = `module.exports.health.apply(() => { console.log("${WAITING}"); setInterval(() => {}, 1e6); });\n`;
    const text = readFileSync(program, "utf8");
    writeFileSync(program, text + waits);
    const { until, prints, killed } = begin(UP);
    await until(() => prints(WAITING), WAITING);
    assert.equal(providers().length > 0, true, "there is a provider");
    await killed();
    writeFileSync(program, text);
    await follow(documented("the stack is currently locked").command);
  });

  it("an empty file of attributes stops the CLI until the command of the documentation removes it", async () => {
    const { says, command } = documented("failed to load checkpoint");
    const state = join(project.directory, "state");
    writeFileSync(join(state, ".pulumi/stacks/flint/sim.json.attrs"), "");
    const { exitCode, all } = await project.start(UP, 60);
    assert.notEqual(exitCode, 0);
    assert.match(all, says);
    await execa(command, { cwd: state, shell: true });
    await project.pulumi(["preview", "--expect-no-changes"], 60);
  });
});
