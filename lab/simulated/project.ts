import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { execa, type ResultPromise } from "execa";
import type { ClusterArgs } from "../../components/cluster/args.js";
import type { LaunchedRack } from "./launch.js";

const CHECKOUT = resolve(__dirname, "../../..");

const PROGRAM = `const { ClusterComponent } = require("pulumi-flint");
const { members, endpoints, health, healthReport, clusterInfo } = new ClusterComponent("sim", require("./cluster.json"));
module.exports = { members, endpoints, health, healthReport, clusterInfo };
`;

/** A user's Pulumi project for a simulated rack: the real CLI, the real component and providers, a state of its own. */
export class SimulatedProject {
  readonly directory = mkdtempSync(join(tmpdir(), "flint-project-"));

  /** Where what it starts keeps temporary files. */
  readonly temporaryFiles = join(this.directory, "tmp");

  private constructor(private readonly rack: LaunchedRack) {}

  /** Makes the project with one stack. */
  static async make(
    rack: LaunchedRack,
    cluster: ClusterArgs = rack.cluster(),
    stack = "sim",
  ): Promise<SimulatedProject> {
    const project = new SimulatedProject(rack);
    const { directory } = project;
    mkdirSync(join(directory, "node_modules/@pulumi"), { recursive: true });
    for (const name of ["state", "tmp"]) mkdirSync(join(directory, name));
    symlinkSync(CHECKOUT, join(directory, "node_modules/pulumi-flint"));
    symlinkSync(join(CHECKOUT, "node_modules/@pulumi/pulumi"), join(directory, "node_modules/@pulumi/pulumi"));
    writeFileSync(join(directory, "index.js"), PROGRAM);
    writeFileSync(join(directory, "package.json"), '{ "name": "sim-program", "main": "index.js" }\n');
    writeFileSync(
      join(directory, "Pulumi.yaml"),
      "name: flint\nruntime: { name: nodejs, options: { typescript: false } }\nmain: index.js\n",
    );
    project.declare(cluster);
    await execa(join(CHECKOUT, "scripts/install-plugins"), [join(directory, "home")]);
    await project.pulumi(["stack", "init", stack], 60);
    return project;
  }

  declare(cluster: ClusterArgs): void {
    writeFileSync(join(this.directory, "cluster.json"), `${JSON.stringify(cluster, null, 2)}\n`);
  }

  /** What the CLI needs in its environment: the rack's programs, this project's state. */
  environment(): Record<string, string> {
    return {
      ...this.rack.environment(),
      PULUMI_HOME: join(this.directory, "home"),
      PULUMI_BACKEND_URL: `file://${join(this.directory, "state")}`,
      PULUMI_CONFIG_PASSPHRASE: "for a simulated rack",
      PULUMI_SKIP_UPDATE_CHECK: "true",
      TMPDIR: this.temporaryFiles,
    };
  }

  /** Starts the CLI in the rack's network, as the leader of a process group of its own. Never rejects: see `exitCode`. */
  start(
    argv: readonly string[],
    seconds: number,
    env: Readonly<Record<string, string>> = {},
  ): ResultPromise<{ all: true; reject: false; detached: true; stdin: "ignore" }> {
    const [command, words] = this.rack.inside(["pulumi", ...argv, "--non-interactive"]);
    return execa(command, words, {
      cwd: this.directory,
      env: {
        ...env,
        ...this.environment(),
      },
      all: true,
      reject: false,
      detached: true,
      timeout: seconds * 1000,
      stdin: "ignore",
    });
  }

  /** Everything the CLI printed. @throws Error with it when the CLI did not end with 0. */
  async pulumi(argv: readonly string[], seconds: number): Promise<string> {
    const { exitCode, all } = await this.start(argv, seconds);
    if (exitCode === 0) return all;
    throw new Error(`pulumi ${argv.join(" ")} ended with ${exitCode}:\n${all}`);
  }

  up(seconds = 300): Promise<string> {
    return this.pulumi(["up", "--yes", "--skip-preview"], seconds);
  }

  remove(): void {
    rmSync(this.directory, { recursive: true, force: true });
  }
}
