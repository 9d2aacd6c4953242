// limit: 1700 s
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { execa } from "execa";
import { parse, stringify } from "yaml";
import { z } from "zod";
import { CHECKOUT, run } from "../../lab/demo/commands.js";
import { readEvents } from "../../lab/rack/events.js";
import { layoutOf } from "../../lab/rack/layout.js";
import { installPackage } from "./installed-package.js";
import { OwnProgram } from "./own-program.js";

/** What a user writes, word for word as in the README. */
const PROGRAM = `const pulumi = require("@pulumi/pulumi");
const { ClusterComponent } = require("pulumi-flint");

const cluster = new ClusterComponent("prod", new pulumi.Config("flint").requireObject("cluster"));
const { members, endpoints, health, healthReport, ca, clusterInfo } = cluster;
module.exports = { members, endpoints, health, healthReport, ca, clusterInfo };
`;

const stackFile = z.object({
  config: z.object({
    "flint:cluster": z.looseObject({
      pxe: z.looseObject({ host: z.looseObject({}) }),
      bmc: z.looseObject({}),
      nodes: z.record(z.string(), z.looseObject({})),
    }),
  }),
});

describe("the packed package, installed in an empty directory", () => {
  let home = "";

  before(async function () {
    this.timeout("6 min");
    home = await mkdtemp(path.join(os.tmpdir(), "my-rack-"));
    await installPackage(home);
  });

  after(async function () {
    this.timeout("3 min");
    if (home !== "") await rm(home, { recursive: true, force: true });
  });

  describe("a user's own program, tested on a simulated rack", () => inSimulatedRack(() => home));
  describe("a user's own program, on the virtual rack", function () {
    this.bail(true);
    onVirtualRack(() => home);
  });
});

function inSimulatedRack(home: () => string): void {
  let program: OwnProgram;

  before(async function () {
    this.timeout("3 min");
    program = new OwnProgram(home());
    await program.write();
  });

  it("is typed as the strictest compiler wants it", async function () {
    this.timeout("3 min");
    await program.compile();
  });

  it("passes its tests: faults by script and by chance, the next up, the ledger, nothing to do", async function () {
    this.timeout("3 min");
    const output = await program.test();
    assert.match(output, /\n {2}3 passing \(\d+\w+\)\s*$/, output);
    assert.deepEqual(await remains(), []);
  });

  it("runs by the command, too, which tells what went wrong and what was counted", async function () {
    this.timeout("5 min");
    const faults = { machines: { node01: { at: "initrd", machine: { restarts: 1 } } } };
    await writeFile(path.join(program.directory, "faults.json"), JSON.stringify(faults));
    const options = ["--machines", "1", "--project", ".", "--faults", "faults.json", "--chances", "bmc.asyncReset=1"];
    const { exitCode, all } = await program.simulate([...options, "--", "pulumi", "up", "--yes", "--skip-preview"]);
    assert.equal(exitCode, 0, all);
    assert.match(all, /^node01: bmc\.asyncReset, from now on$/m);
    assert.match(all, /health *: "1 node healthy; /);
    assert.match(
      all,
      /^machine +power +runs +power calls +boots +formatted +changes by ssh\n.*\nnode01 +On +system +1 +3 +1 +\d+$/m,
    );
    assert.deepEqual(await remains(), []);
  });

  it("is refused where its project has a stack file of that name, and where a plugin cannot be had", async function () {
    this.timeout("3 min");
    const refusal = async (env?: Record<string, string>) => {
      const { exitCode, all } = await program.simulate(["--machines", "1", "--project", ".", "--", "true"], env);
      assert.equal(exitCode, 1, all);
      return all;
    };
    const nowhere = { PULUMI_HOME: path.join(home(), ".empty"), HTTPS_PROXY: "http://127.0.0.1:9" };
    assert.match(
      await refusal(nowhere),
      /^Pulumi's plugin tls \S+: expected it to be installed: a simulated rack's network has no way out but found error: .*\. Install it where the Internet can be reached, as the user who runs the rack: pulumi plugin install resource tls \S+ --exact\. \[SIMULATION_PLUGIN\]$/,
    );
    assert.deepEqual(await remains(), []);
    const file = path.join(program.directory, "Pulumi.simulated.yaml");
    await writeFile(file, "config: {}\n");
    assert.equal(
      await refusal(),
      `${file}: expected no stack simulated: the rack makes it and removes it but found a stack file of yours. Choose another name for the rack's stack. [SIMULATION_PROJECT]`,
    );
    assert.equal(await readFile(file, "utf8"), "config: {}\n");
  });

  /** What a rack wrote beside the program. */
  const remains = async () => (await readdir(program.directory)).filter((name) => /^Pulumi\..+\.ya?ml$/.test(name));
}

function onVirtualRack(home: () => string): void {
  let project = "";
  let env: Record<string, string> = {};

  const pulumi = (argv: string[], minutes: number) =>
    execa(path.join(CHECKOUT, "scripts/rack"), ["exec", "--", "pulumi", "--cwd", project, ...argv], {
      env,
      timeout: minutes * 60_000,
      all: true,
    });

  before(async function () {
    this.timeout("15 min");
    if (existsSync(path.join(CHECKOUT, ".rack/dev/rack.json"))) {
      throw new Error("rack dev is up already: take it down with `npm run rack -- down`, then start again");
    }
    await run("rack", ["up"], { show: false, deadlineMs: 600_000 });
    project = path.join(home(), "project");
    await makeProject(project);
    env = {
      PULUMI_HOME: path.join(project, ".home"),
      PULUMI_BACKEND_URL: `file://${project}/.state`,
      PULUMI_CONFIG_PASSPHRASE: "only for this test",
      PULUMI_SKIP_UPDATE_CHECK: "true",
      PULUMI_STACK: "prod",
    };
    await mkdir(path.join(project, ".state"));
    await execa(path.join(CHECKOUT, "scripts/install-plugins"), [path.join(project, ".home")]);
    await pulumi(["stack", "init", "prod"], 1);
  });

  after(async function () {
    this.timeout("3 min");
    await run("rack", ["down"], { show: false, deadlineMs: 120_000 });
  });

  it("brings one machine to a healthy cluster", async function () {
    this.timeout("15 min");
    await pulumi(["up", "--yes", "--skip-preview"], 14);
    const { stdout } = await pulumi(["stack", "output", "health"], 1);
    assert.match(
      stdout.trim(),
      /^1 node healthy; Chainfire 1 member, leader node01; FlareDB 1 member, leader node01 \(\d{4}-\d\d-\d\d \d\d:\d\d UTC\)$/,
    );
  });

  it("whose firmware loaded iPXE by UEFI HTTP boot once, as declared, and starts from its disk since", () => {
    const boots = readEvents(layoutOf("dev").events).flatMap((event) =>
      event.event === "boot" && event.node === "node01" ? [`${event.from}, told ${event.override}`] : [],
    );
    assert.deepEqual(boots, ["http, told UefiHttp", "disk, told None"]);
  });

  it("has nothing to do the second time", async function () {
    this.timeout("3 min");
    await pulumi(["up", "--yes", "--skip-preview", "--expect-no-changes"], 3);
  });

  it("brings the command that looks at a machine, which finds it well", async function () {
    this.timeout("5 min");
    const flint = path.join(home(), "node_modules/.bin/flint");
    const { stdout } = await execa(
      path.join(CHECKOUT, "scripts/rack"),
      ["exec", "--", flint, "doctor", "node01", "--cwd", project],
      { env, timeout: 100_000 },
    );
    assert.match(stdout, /^node01 {2}52:54:00:00:00:01 {2}10\.0\.100\.50 {2}uefi\n\nBMC {10}power on, /);
    assert.match(stdout, /\nIt is fine: its installed system runs\.$/);
  });

  it("is gone after destroy", async function () {
    this.timeout("8 min");
    await pulumi(["destroy", "--yes", "--skip-preview"], 7);
    const { stdout } = await pulumi(["stack", "export"], 1);
    const { deployment } = z
      .object({ deployment: z.object({ resources: z.array(z.unknown()).optional() }) })
      .parse(JSON.parse(stdout));
    assert.deepEqual(deployment.resources ?? [], []);
  });
}

/** As a user has it beside the installed package: a program of five lines, a stack file for one machine. */
async function makeProject(project: string): Promise<void> {
  await mkdir(project);
  await writeFile(
    path.join(project, "Pulumi.yaml"),
    "name: flint\nruntime: { name: nodejs, options: { typescript: false } }\nmain: index.js\n",
  );
  await writeFile(path.join(project, "index.js"), PROGRAM);
  const dev = stackFile.parse(parse(await readFile(path.join(CHECKOUT, "Pulumi.dev.yaml"), "utf8")));
  const cluster = dev.config["flint:cluster"];
  const absolute = (file: string) => ({ file: path.join(CHECKOUT, file) });
  cluster.pxe.host.privateKey = absolute(".rack/dev/operator_ed25519");
  cluster.pxe.host.hostKey = absolute(".rack/dev/host_ed25519.pub");
  cluster.bmc.password = absolute(".rack/dev/bmc-password");
  cluster.bmc.ca = absolute(".rack/dev/bmc-ca.pem");
  cluster.system = {
    flake: path.join(CHECKOUT, "lab/systems"),
    inputs: {
      flint: path.join(project, "../node_modules/pulumi-flint/nix"),
      debian: path.join(CHECKOUT, ".rack/debian"),
    },
  };
  // The machines of the main job boot by PXE; this one does not try it.
  cluster.nodes = { node01: { ...cluster.nodes.node01, networkBoot: "uefi-http" } };
  await writeFile(path.join(project, "Pulumi.prod.yaml"), stringify({ config: { "flint:cluster": cluster } }));
}
