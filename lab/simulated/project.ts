import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import type { execa as Execa, ResultPromise } from "execa";
import type { ClusterArgs } from "../../components/cluster/args.js";
import type { LaunchedRack } from "./launch.js";
import { makePulumiHome } from "./plugins.js";
import { here, requireForProject } from "./requirements.js";
import { StackFile } from "./stack-file.js";

/** This package, in a checkout or installed. */
const PACKAGE = resolve(__dirname, "../../..");

const PROGRAM = `require("pulumi-flint/lazy-sdk");
const { ClusterComponent } = require("pulumi-flint");
const { members, endpoints, health, healthReport, clusterInfo } = new ClusterComponent("sim", require("./cluster.json"));
module.exports = { members, endpoints, health, healthReport, clusterInfo };
`;

/** A program of yours in a simulated rack. */
export interface OpenOptions {
  /** Of your Pulumi project: where `Pulumi.yaml` is. */
  directory: string;
  /** What is declared first. Default: all machines, as `rack.cluster()` has them. */
  cluster?: ClusterArgs;
  /** Name of the stack that the rack makes, and removes in the end. Default "simulated". */
  stack?: string;
  /** More configuration for the stack: key → value, as in a stack file. Default: none. */
  config?: Readonly<Record<string, unknown>>;
}

/**
 * A Pulumi project in a simulated rack: the real CLI, the real component and providers, a state and a passphrase of its own.
 * What is declared is in the file that the program's environment names as FLINT_SIMULATED_CLUSTER.
 */
export class SimulatedProject {
  /** State, the CLI's own files. With the rack they are gone, however that ends. */
  private readonly own: string;
  /** Where the program is. */
  readonly directory: string;
  /** Where what it starts keeps temporary files. */
  readonly temporaryFiles: string;

  private constructor(
    private readonly execa: typeof Execa,
    private readonly rack: LaunchedRack,
    private readonly stack: string,
    private readonly yours?: { directory: string; stackFile: StackFile; config: OpenOptions["config"] },
  ) {
    this.own = mkdtempSync(join(rack.directory, "project-"));
    this.temporaryFiles = join(this.own, "tmp");
    this.directory = yours?.directory ?? this.own;
  }

  /** A project whose program only declares the cluster, with one stack. @throws FlintError as `open`. */
  static async make(
    rack: LaunchedRack,
    cluster: ClusterArgs = rack.cluster(),
    stack = "sim",
  ): Promise<SimulatedProject> {
    const { execa } = await import("execa");
    const project = new SimulatedProject(execa, rack, stack);
    const { directory } = project;
    mkdirSync(join(directory, "node_modules/@pulumi"), { recursive: true });
    symlinkSync(PACKAGE, join(directory, "node_modules/pulumi-flint"));
    const sdk = dirname(require.resolve("@pulumi/pulumi/package.json"));
    symlinkSync(sdk, join(directory, "node_modules/@pulumi/pulumi"));
    writeFileSync(join(directory, "index.js"), PROGRAM);
    writeFileSync(join(directory, "package.json"), '{ "name": "sim-program", "main": "index.js" }\n');
    writeFileSync(
      join(directory, "Pulumi.yaml"),
      "name: flint\nruntime: { name: nodejs, options: { typescript: false } }\nmain: index.js\n",
    );
    return project.begin(cluster);
  }

  /**
   * Your own project, with a stack for this rack. Its configuration has the cluster as `flint:cluster`, and the rack's directory
   * as `flint:simulated`; your other stacks, your state and your login are left alone.
   * @throws FlintError SIMULATION_PROJECT, SIMULATION_PLUGIN, SIMULATION_IMPOSSIBLE (no CLI).
   */
  static async open(rack: LaunchedRack, options: OpenOptions): Promise<SimulatedProject> {
    const { stack = "simulated", cluster = rack.cluster(), config } = options;
    const directory = resolve(options.directory);
    const stackFile = new StackFile(directory, stack, rack.directory);
    const { execa } = await import("execa");
    return new SimulatedProject(execa, rack, stack, { directory, stackFile, config }).begin(cluster);
  }

  private async begin(cluster: ClusterArgs): Promise<SimulatedProject> {
    try {
      requireForProject(here());
      for (const name of ["state", "tmp"]) mkdirSync(join(this.own, name));
      await makePulumiHome(join(this.own, "home"));
      // Whose the stack file is stands in it before the CLI writes there.
      this.declare(cluster);
      await this.pulumi(["stack", "init", this.stack], 60);
      return this;
    } catch (error) {
      this.remove();
      throw error;
    }
  }

  /** What the next run finds declared. */
  declare(cluster: ClusterArgs): void {
    writeFileSync(this.clusterFile, `${JSON.stringify(cluster, null, 2)}\n`);
    this.yours?.stackFile.write({ ...this.yours.config, "flint:cluster": cluster });
  }

  /** What is declared, as JSON. */
  get clusterFile(): string {
    return join(this.own, "cluster.json");
  }

  /** What the CLI needs in its environment: the rack's programs, this project's state. */
  environment(): Record<string, string> {
    return {
      ...this.rack.environment(),
      FLINT_SIMULATED_CLUSTER: this.clusterFile,
      PULUMI_HOME: join(this.own, "home"),
      PULUMI_BACKEND_URL: `file://${join(this.own, "state")}`,
      PULUMI_STACK: this.stack,
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
    return this.execa(command, words, {
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

  /** `pulumi up`, without asking. */
  up(seconds = 300): Promise<string> {
    return this.pulumi(["up", "--yes", "--skip-preview"], seconds);
  }

  /** Removes state and stack file, not your program. */
  remove(): void {
    this.yours?.stackFile.remove();
    rmSync(this.own, { recursive: true, force: true, maxRetries: 5 });
  }
}
