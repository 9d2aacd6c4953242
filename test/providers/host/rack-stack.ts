import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import type { ClusterArgs } from "../../../components/cluster/args.js";
import { CHECKOUT } from "../../../lab/rack/layout.js";
import { inNamespace } from "../../../lab/rack/namespace.js";
import type { RealHost } from "./bench.js";
import type { JumpHost } from "./jump-host.js";
import type { Racks } from "./rack-program.js";

/** Declares every cluster that the file has, by name. */
const CLUSTERS = `const { ClusterComponent } = require("pulumi-flint");
for (const [name, args] of Object.entries(require("./racks.json"))) {
  const { health, members } = new ClusterComponent(name, args);
  exports[name] = { health, members };
}
`;

/** A Pulumi project under the real CLI whose program declares what a file says. */
export class RackStack<D extends object> {
  private readonly directory = mkdtempSync(join(tmpdir(), "flint-racks-"));

  /** @param from The CLI runs on the operator's machine of this host's rack, or on the machine in front of this jump host. */
  private constructor(
    private readonly from: RealHost | JumpHost,
    private readonly environment: Readonly<Record<string, string>> = {},
  ) {}

  /** Of racks without machines: `rack-program.ts`. */
  static make(from: RealHost | JumpHost): Promise<RackStack<Racks>> {
    const program = JSON.stringify(join(__dirname, "rack-program.js"));
    const racks = 'require("node:path").join(__dirname, "racks.json")';
    return new RackStack<Racks>(from).begin(`require(${program}).declareRacks(${racks});\n`);
  }

  /** Of whole clusters, each a `ClusterComponent`. @param environment What the CLI needs in it. */
  static ofClusters(
    from: RealHost,
    environment: Readonly<Record<string, string>>,
  ): Promise<RackStack<Record<string, ClusterArgs>>> {
    return new RackStack<Record<string, ClusterArgs>>(from, environment).begin(CLUSTERS);
  }

  private async begin(program: string): Promise<this> {
    const { directory } = this;
    mkdirSync(join(directory, "node_modules/@pulumi"), { recursive: true });
    mkdirSync(join(directory, "state"));
    symlinkSync(CHECKOUT, join(directory, "node_modules/pulumi-flint"));
    symlinkSync(join(CHECKOUT, "node_modules/@pulumi/pulumi"), join(directory, "node_modules/@pulumi/pulumi"));
    writeFileSync(join(directory, "index.js"), program);
    writeFileSync(join(directory, "package.json"), '{ "name": "racks", "main": "index.js" }\n');
    writeFileSync(
      join(directory, "Pulumi.yaml"),
      "name: flint\nruntime: { name: nodejs, options: { typescript: false } }\nmain: index.js\n",
    );
    await execa(join(CHECKOUT, "scripts/install-plugins"), [join(directory, "home")]);
    await this.pulumi("stack", "init", "racks");
    return this;
  }

  /** What the next run finds declared. */
  declare(racks: D): void {
    writeFileSync(join(this.directory, "racks.json"), JSON.stringify(racks));
  }

  /** Everything the CLI printed. @throws Error with it when the CLI did not end with 0. */
  async pulumi(...argv: string[]): Promise<string> {
    const { code, text } = await this.attempt(...argv);
    if (code === 0) return text;
    throw new Error(`pulumi ${argv.join(" ")} ended with ${code}:\n${text}`);
  }

  /** Exit code, and everything the CLI printed. At most 150 s. */
  attempt(...argv: string[]): Promise<{ code: number; text: string }> {
    return this.run("pulumi", ...argv, "--non-interactive", "--color=never");
  }

  /** The same of any other command there. */
  async run(...command: string[]): Promise<{ code: number; text: string }> {
    const { exitCode = -1, all } = await execa(
      ...("inFront" in this.from ? this.from.inFront(...command) : inNamespace(this.from.layout, command)),
      {
        cwd: this.directory,
        env: {
          ...this.environment,
          PULUMI_HOME: join(this.directory, "home"),
          PULUMI_BACKEND_URL: `file://${join(this.directory, "state")}`,
          PULUMI_CONFIG_PASSPHRASE: "for this test",
          PULUMI_SKIP_UPDATE_CHECK: "true",
        },
        all: true,
        reject: false,
        timeout: 150_000,
        stdin: "ignore",
      },
    );
    return { code: exitCode, text: all };
  }

  up(): Promise<string> {
    return this.pulumi("up", "--yes", "--skip-preview");
  }

  refresh(): Promise<string> {
    return this.pulumi("refresh", "--yes", "--skip-preview");
  }

  remove(): void {
    rmSync(this.directory, { recursive: true, force: true });
  }
}
