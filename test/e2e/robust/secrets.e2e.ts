// limit: 800 s
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { ClusterArgs } from "../../../components/cluster/args.js";
import { LaunchedRack } from "../../../lab/simulated/launch.js";
import { SimulatedProject } from "../../../lab/simulated/project.js";
import { RACK_FILES } from "../../../lab/simulated/rack.js";
import type { StoredFile } from "../../../lab/simulated/schema.js";
import { killTree, marked } from "../kills/process-tree.js";
import { RackEvents } from "../rack-events.js";
import { nodeOf } from "./counts.js";
import { filesBelow, isPrivate } from "./file-samples.js";
import { Needles } from "./needles.js";
import { ProcessSamples } from "./process-samples.js";

/** The rack's own files that hold secrets on purpose. */
const KEY_FILES: string[] = [
  ...[RACK_FILES.hostKey, RACK_FILES.operatorKey, RACK_FILES.bmcKey, RACK_FILES.bmcPassword],
  "data-disk-key",
];
const DATA_KEY = "unlocks the disk of node01, and it alone";
const VERBOSE = ["-v=9", "--logtostderr", "--logflow"];
/** What passes between the engine, its SDK and its plugins, in the clear. */
const BY_THE_ENGINE = /arshaling property for RPC|RegisterResource RPC finished|Planner decided /;
const INSTALLER_KEY = "/run/flint/ssh_host_ed25519_key";
const UP = ["up", "--yes", "--skip-preview"];

interface StoredResource {
  urn: string;
  outputs?: Record<string, unknown>;
}

describe("secrets stay where they belong, in runs with and without faults", function () {
  this.bail(true);
  let rack: LaunchedRack;
  let project: SimulatedProject;
  let temporary: string;
  const commandLines = new Set<string>();
  const environments = new Set<string>();
  const programs = new Set<string>();
  const outputs: string[] = [];
  /** What the engine and its plugins log when they are asked to tell everything. */
  const logs: string[] = [];
  /** What was at any time on the provisioning host, in installers and on machines' disks. */
  const stored = new Map<string, StoredFile>();
  /** Contents of temporary files that others could have read. */
  const exposed: { path: string; text: string }[] = [];
  let temporaryFiles = 0;
  const needles = new Needles();
  /** What the provisioning host has when all machines are installed. */
  let atRest: StoredFile[] = [];

  before(async function () {
    this.timeout(120_000);
    rack = await LaunchedRack.start({ machines: 3, seed: "secrets", speed: 20, dataDisks: ["node01"] });
    writeFileSync(join(rack.directory, "data-disk-key"), DATA_KEY, { mode: 0o600 });
    project = await SimulatedProject.make(rack, declared());
    temporary = project.temporaryFiles;
  });
  after(async () => {
    await rack?.stop();
    project?.remove();
  });

  /** @param labels machine → its label; changing it switches the machine's system. */
  function declared(labels: Readonly<Record<string, string>> = {}): ClusterArgs {
    return rack.cluster((args) => {
      const { disk } = nodeOf(args, "node01");
      disk.data = { serial: `${disk.serial}-DATA`, key: { file: join(rack.directory, "data-disk-key") } };
      for (const [name, label] of Object.entries(labels)) nodeOf(args, name).labels = { rack: label };
    });
  }

  async function lookAtRack(): Promise<void> {
    for (const file of await rack.files()) stored.set(Object.values(file).join("\0"), file);
  }

  /** Runs the CLI, and looks at its processes, temporary files and the rack meanwhile. @param killedAt Event of the rack at which all its processes are killed. */
  async function watched(argv: readonly string[], killedAt?: string): Promise<number | undefined> {
    const run = randomUUID();
    const events = new RackEvents(rack);
    const child = project.start(argv, 150, marked(run));
    const samples = new ProcessSamples(child.pid ?? 0);
    let isOver = false;
    const looks = (async () => {
      for (; !isOver; await sleep(100)) await lookAtRack();
    })();
    const files = setInterval(() => {
      const now = filesBelow(temporary);
      temporaryFiles += now.length;
      exposed.push(...now.filter(({ path }) => !isPrivate(path, temporary)));
    }, 50);
    const ended = child.finally(() => {
      isOver = true;
      clearInterval(files);
      samples.stop();
    });
    if (killedAt !== undefined) {
      await events.until(
        ({ event }) => event === killedAt,
        () => isOver,
      );
      if (isOver) assert.fail(`it ended before ${killedAt}: ${(await ended).all}`);
      await killTree(run);
    }
    const { exitCode, all } = await ended;
    await looks;
    (argv.includes("--logtostderr") ? logs : outputs).push(all);
    for (const each of samples.commandLines) commandLines.add(each);
    for (const each of samples.environments) environments.add(each);
    for (const each of samples.programs()) programs.add(each);
    return exitCode;
  }

  it("runs: one with faults, one that mends, one that is killed, one that switches systems, a preview that looks at the host, a refresh", async function () {
    this.timeout(300_000);
    await rack.inject({
      machines: {
        // Its BMC is asked with basic authentication: the password goes to it in another form.
        node01: { machine: { restartsInstalling: 1 }, bmc: { noSessions: true } },
        node02: { bmc: { passwordRefused: true } },
        node03: { machine: { diskErrors: true } },
      },
    });
    assert.notEqual(await watched(UP), 0);
    await rack.inject({ machines: { node02: { bmc: {} }, node03: { machine: {} } } });
    assert.notEqual(await watched(UP, "format"), 0);
    await project.pulumi(["cancel", "--yes"], 60);
    assert.equal(await watched(UP), 0, outputs.at(-1));
    project.declare(declared({ node01: "b1" }));
    assert.equal(await watched([...UP, ...VERBOSE]), 0, logs.at(-1)?.slice(-5000));
    assert.equal(await watched(["preview"]), 0, outputs.at(-1));
    assert.equal(await watched(["refresh", "--yes", "--skip-preview"]), 0, outputs.at(-1));
    for (const program of ["pulumi", "nix", "nixos-anywhere"])
      assert.ok(programs.has(program), `${program} was not seen: ${[...programs].join(" ")}`);
    assert.ok(temporaryFiles > 0, "no temporary file was seen");
  });

  it("there are secrets to look for", async function () {
    this.timeout(120_000);
    const text = await project.pulumi(["stack", "export", "--show-secrets"], 60);
    const { resources } = (JSON.parse(text) as { deployment: { resources: StoredResource[] } }).deployment;
    for (const { urn, outputs: stored = {} } of resources) {
      const name = urn.split("::").at(-1) ?? "";
      // In OpenSSH's form a longer key's lines repeat those of its public half.
      for (const key of ["privateKeyPem", "key", "hostKey", ...(name === "login-key" ? ["privateKeyOpenssh"] : [])]) {
        const secret = plaintext(stored[key]);
        if (secret?.includes("PRIVATE KEY")) needles.addKey(`${name} ${key}`, secret);
      }
    }
    needles.addKey("the operator's key", readFileSync(join(rack.directory, RACK_FILES.operatorKey), "utf8"));
    const password = readFileSync(join(rack.directory, RACK_FILES.bmcPassword), "utf8").trim();
    needles.add("the BMCs' password", password);
    for (const node of ["node01", "node02", "node03"])
      for (const key of ["key", "hostKey"])
        assert.ok(needles.names.includes(`${node}-identity ${key}`), needles.names.join(", "));
    for (const name of ["ca-key privateKeyPem", "login-key privateKeyOpenssh"])
      assert.ok(needles.names.includes(name), `${name} is not among ${needles.names.join(", ")}`);
    needles.add("node01's data disk key", DATA_KEY);
    assert.deepEqual(needles.in(text), needles.names, "each of them is found where it is");
    needles.add("the password as basic authentication has it", Buffer.from(`admin:${password}`).toString("base64"));
    const installers = [...stored.values()].filter(({ path }) => path === INSTALLER_KEY);
    for (const { where, text: key } of installers) needles.addKey(`key of ${where}`, key);
    assert.ok(installers.length >= 3, `${installers.length} installers were seen`);
  });

  it("the end: a destroy", async function () {
    this.timeout(120_000);
    atRest = (await rack.files()).filter(({ where }) => where === "pxe1");
    assert.equal(await watched(["destroy", "--yes", "--skip-preview", ...VERBOSE]), 0, logs.at(-1)?.slice(-5000));
    const { violations } = await rack.status();
    assert.deepEqual(violations, []);
  });

  it("no output and no message holds one", () => {
    assert.deepEqual(needles.in(outputs.join("\n")), []);
    assert.match(outputs.join("\n"), /\[BMC_AUTH\]/);
  });

  it("no log of Flint's providers, however verbose; in those of the engine and its SDK they are, as docs/secrets.md says", () => {
    const lines = logs.flatMap((log) => log.split("\n"));
    const holding = lines.filter((line) => needles.in(line).length > 0);
    assert.deepEqual(
      holding.filter((line) => !BY_THE_ENGINE.test(line)).map((line) => line.slice(0, 300)),
      [],
    );
    assert.ok(holding.length > 0);
  });

  it("no command line on the machines, on the provisioning host and of a tool", () => {
    const file = readFileSync(join(rack.directory, RACK_FILES.commands), "utf8");
    const machines = new Set(
      file
        .trim()
        .split("\n")
        .map((line) => /"machine":"(\w+)"/.exec(line)?.[1]),
    );
    assert.deepEqual([...machines].sort(), ["node01", "node02", "node03", "operator", "pxe1"]);
    assert.deepEqual(needles.in(file), []);
  });

  it("on the provisioning host an installer's own key while it is offered, and nothing else; when all are installed not even that", async () => {
    const found = [...stored.values()].flatMap(({ where, path, mode, text }) =>
      needles.in(text).map((name) => ({ where, path, mode: mode.toString(8), name })),
    );
    const onHost = found.filter(({ where }) => where === "pxe1");
    const isInstallers = ({ name, path, mode }: (typeof found)[number]) =>
      /^key of node0\d, installer$/.test(name) && (path.includes("/http/") || mode === "600");
    assert.deepEqual(
      onHost.filter((each) => !isInstallers(each)),
      [],
    );
    assert.ok(onHost.length > 0, "none was seen");
    const onMachines = found.filter(({ where }) => where !== "pxe1");
    const strange = onMachines.filter(
      ({ where, mode, name }) => !["600", "400"].includes(mode) || !name.includes(where),
    );
    assert.deepEqual(strange, [], "each machine has its own, for root alone");
    assert.ok(onMachines.some(({ name }) => name.includes("data disk")));
    assert.deepEqual(
      atRest.filter(({ text }) => needles.in(text).length > 0).map(({ path }) => path),
      [],
      "all machines were installed",
    );
    const left = (await rack.files()).filter(({ where }) => where === "pxe1");
    assert.deepEqual(
      left.flatMap(({ path, text }) => needles.in(text).map((name) => `${name} in ${path}`)),
      [],
    );
  });

  it("no command line, and no environment, where the CLI runs", () => {
    assert.deepEqual(needles.in([...commandLines].join("\n")), []);
    assert.deepEqual(needles.in([...environments].join("\n")), []);
  });

  it("no file of the state, of Pulumi's home, of the project, of the nix store or of the rack's log", () => {
    // The project's node_modules are links to this checkout.
    const kept = [...filesBelow(project.directory), ...filesBelow(rack.directory)].filter(
      ({ path }) => !path.includes("/node_modules/") && !KEY_FILES.some((name) => path === join(rack.directory, name)),
    );
    assert.ok(kept.some(({ path }) => path.includes("/state/.pulumi/stacks/")));
    const leaks = kept.flatMap(({ path, text }) => needles.in(text).map((name) => `${name} in ${path}`));
    assert.deepEqual(leaks, [], `${leaks.length} leaks: ${leaks.join("; ")}`);
  });

  it("no temporary file that others can read, and none is left", () => {
    assert.deepEqual(
      exposed.flatMap(({ path, text }) => needles.in(text).map((name) => `${name} in ${path}`)),
      [],
    );
    const left = filesBelow(temporary).flatMap(({ path, text }) =>
      needles.in(text).map((name) => `${name} in ${path}`),
    );
    assert.deepEqual(left, []);
  });
});

/** Of a secret in an export with `--show-secrets`. */
function plaintext(value: unknown): string | undefined {
  if (typeof value === "string") return value;
  const inner: unknown = typeof value === "object" && value !== null ? Reflect.get(value, "plaintext") : undefined;
  return typeof inner === "string" ? String(JSON.parse(inner)) : undefined;
}
