import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { CHECKOUT } from "../../../lab/rack/layout.js";
import { inNamespace } from "../../../lab/rack/namespace.js";
import type { RealHost } from "./bench.js";
import type { JumpHost } from "./jump-host.js";
import type { Racks } from "./rack-program.js";

/** A Pulumi project under the real CLI whose program declares racks without machines: `rack-program.ts`. */
export class RackStack {
  private readonly directory = mkdtempSync(join(tmpdir(), "flint-racks-"));

  /** @param from The CLI runs on the operator's machine of this host's rack, or on the machine in front of this jump host. */
  private constructor(private readonly from: RealHost | JumpHost) {}

  static async make(from: RealHost | JumpHost): Promise<RackStack> {
    const stack = new RackStack(from);
    const { directory } = stack;
    mkdirSync(join(directory, "node_modules/@pulumi"), { recursive: true });
    mkdirSync(join(directory, "state"));
    symlinkSync(CHECKOUT, join(directory, "node_modules/pulumi-flint"));
    symlinkSync(join(CHECKOUT, "node_modules/@pulumi/pulumi"), join(directory, "node_modules/@pulumi/pulumi"));
    const program = JSON.stringify(join(__dirname, "rack-program.js"));
    const racks = JSON.stringify(join(directory, "racks.json"));
    writeFileSync(join(directory, "index.js"), `require(${program}).declareRacks(${racks});\n`);
    writeFileSync(join(directory, "package.json"), '{ "name": "racks", "main": "index.js" }\n');
    writeFileSync(
      join(directory, "Pulumi.yaml"),
      "name: flint\nruntime: { name: nodejs, options: { typescript: false } }\nmain: index.js\n",
    );
    await execa(join(CHECKOUT, "scripts/install-plugins"), [join(directory, "home")]);
    await stack.pulumi("stack", "init", "racks");
    return stack;
  }

  declare(racks: Racks): void {
    writeFileSync(join(this.directory, "racks.json"), JSON.stringify(racks));
  }

  /** Everything the CLI printed. @throws Error with it when the CLI did not end with 0. */
  async pulumi(...argv: string[]): Promise<string> {
    const { code, text } = await this.attempt(...argv);
    if (code === 0) return text;
    throw new Error(`pulumi ${argv.join(" ")} ended with ${code}:\n${text}`);
  }

  /** Exit code, and everything the CLI printed. At most 90 s. */
  async attempt(...argv: string[]): Promise<{ code: number; text: string }> {
    const command = ["pulumi", ...argv, "--non-interactive", "--color=never"];
    const { exitCode = -1, all } = await execa(
      ...("inFront" in this.from ? this.from.inFront(...command) : inNamespace(this.from.layout, command)),
      {
        cwd: this.directory,
        env: {
          PULUMI_HOME: join(this.directory, "home"),
          PULUMI_BACKEND_URL: `file://${join(this.directory, "state")}`,
          PULUMI_CONFIG_PASSPHRASE: "for this test",
          PULUMI_SKIP_UPDATE_CHECK: "true",
        },
        all: true,
        reject: false,
        timeout: 90_000,
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
