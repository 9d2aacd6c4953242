// limit: 1500 s
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { execa } from "execa";
import { parse, stringify } from "yaml";
import { z } from "zod";
import { CHECKOUT, run } from "../../lab/demo/commands.js";
import { readEvents } from "../../lab/rack/events.js";
import { layoutOf } from "../../lab/rack/layout.js";

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

describe("the packed package in a user's own program", function () {
  this.bail(true);
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
    project = await mkdtemp(path.join(os.tmpdir(), "my-rack-"));
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
    if (project !== "") await rm(project, { recursive: true, force: true });
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
    this.timeout("2 min");
    const flint = path.join(project, "node_modules/.bin/flint");
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
});

/** A directory as a user has it: the packed package installed, a program of five lines, a stack file for one machine. */
async function makeProject(project: string): Promise<void> {
  const { stdout } = await execa("npm", ["pack", "--json", "--ignore-scripts", "--pack-destination", project], {
    cwd: CHECKOUT,
  });
  const [pack] = z.array(z.object({ filename: z.string() })).parse(JSON.parse(stdout.slice(stdout.indexOf("["))));
  await writeFile(path.join(project, "package.json"), '{ "name": "my-rack", "private": true }\n');
  await execa(
    "npm",
    ["install", "--no-audit", "--no-fund", "--prefer-offline", `./${pack?.filename}`, "@pulumi/pulumi"],
    {
      cwd: project,
      timeout: 300_000,
    },
  );
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
    inputs: { flint: path.join(project, "node_modules/pulumi-flint/nix"), debian: path.join(CHECKOUT, ".rack/debian") },
  };
  // The machines of the main job boot by PXE; this one does not try it.
  cluster.nodes = { node01: { ...cluster.nodes.node01, networkBoot: "uefi-http" } };
  await writeFile(path.join(project, "Pulumi.prod.yaml"), stringify({ config: { "flint:cluster": cluster } }));
}
