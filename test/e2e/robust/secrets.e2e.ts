// limit: 240 s
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { LaunchedRack } from "../../../lab/simulated/launch.js";
import { SimulatedProject } from "../../../lab/simulated/project.js";
import { RACK_FILES } from "../../../lab/simulated/rack.js";
import { filesBelow, isPrivate } from "./file-samples.js";
import { Needles } from "./needles.js";
import { ProcessSamples } from "./process-samples.js";

/** The rack's own files that hold secrets on purpose. */
const KEY_FILES: string[] = [RACK_FILES.hostKey, RACK_FILES.operatorKey, RACK_FILES.bmcKey, RACK_FILES.bmcPassword];
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
  /** Contents of temporary files that others could have read. */
  const exposed: { path: string; text: string }[] = [];
  let temporaryFiles = 0;
  const needles = new Needles();

  before(async function () {
    this.timeout(60_000);
    rack = await LaunchedRack.start({ machines: 3, seed: "secrets", speed: 20 });
    project = await SimulatedProject.make(rack);
    temporary = project.temporaryFiles;
  });
  after(async () => {
    await rack?.stop();
    project?.remove();
  });

  /** Runs the CLI, and looks at its processes and temporary files meanwhile. */
  async function watched(argv: readonly string[]): Promise<number | undefined> {
    const child = project.start(argv, 150);
    const samples = new ProcessSamples(child.pid ?? 0);
    const files = setInterval(() => {
      const now = filesBelow(temporary);
      temporaryFiles += now.length;
      exposed.push(...now.filter(({ path }) => !isPrivate(path, temporary)));
    }, 50);
    const { exitCode, all } = await child;
    clearInterval(files);
    samples.stop();
    outputs.push(all);
    for (const each of samples.commandLines) commandLines.add(each);
    for (const each of samples.environments) environments.add(each);
    for (const each of samples.programs()) programs.add(each);
    return exitCode;
  }

  it("runs: one with faults, one that mends, one that switches a system, a preview that looks at the host, a refresh", async function () {
    this.timeout(220_000);
    await rack.inject({
      machines: {
        node01: { machine: { restartsInstalling: 1 } },
        node02: { bmc: { passwordRefused: true } },
        node03: { machine: { diskErrors: true } },
      },
    });
    assert.notEqual(await watched(UP), 0);
    await rack.inject({ machines: { node02: { bmc: {} }, node03: { machine: {} } } });
    assert.equal(await watched(UP), 0, outputs.at(-1));
    project.declare(rack.cluster(({ nodes }) => Object.assign(nodes.node01 ?? {}, { labels: { rack: "b1" } })));
    assert.equal(await watched(UP), 0, outputs.at(-1));
    assert.equal(await watched(["preview"]), 0, outputs.at(-1));
    assert.equal(await watched(["refresh", "--yes", "--skip-preview"]), 0, outputs.at(-1));
    for (const program of ["pulumi", "nix", "nixos-anywhere"])
      assert.ok(programs.has(program), `${program} was not seen: ${[...programs].join(" ")}`);
    assert.ok(temporaryFiles > 0, "no temporary file was seen");
  });

  it("there are secrets to look for", async function () {
    this.timeout(60_000);
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
    needles.add("the BMCs' password", readFileSync(join(rack.directory, RACK_FILES.bmcPassword), "utf8").trim());
    for (const node of ["node01", "node02", "node03"])
      for (const key of ["key", "hostKey"])
        assert.ok(needles.names.includes(`${node}-identity ${key}`), needles.names.join(", "));
    for (const name of ["ca-key privateKeyPem", "login-key privateKeyOpenssh"])
      assert.ok(needles.names.includes(name), `${name} is not among ${needles.names.join(", ")}`);
    assert.deepEqual(needles.in(text), needles.names, "each of them is found where it is");
  });

  it("no output and no message holds one", () => {
    assert.deepEqual(needles.in(outputs.join("\n")), []);
    assert.match(outputs.join("\n"), /\[BMC_AUTH\]/);
  });

  it("no command line, and no environment", () => {
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
