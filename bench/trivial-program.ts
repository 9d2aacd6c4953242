import { mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { execa } from "execa";
import { CHECKOUT } from "../lab/demo/commands.js";

/** A stack of dynamic resources that do nothing: the engine's own cost, for comparison. */
export class TrivialProgram {
  private constructor(
    private readonly dir: string,
    private readonly parallel: number | undefined,
  ) {}

  /** Seconds that creating all resources took. */
  upSeconds = 0;
  /** Size of its state, which the engine writes as a whole at each step. */
  stateBytes = 0;

  /**
   * Creates the program with `count` resources and brings its stack up.
   * @param parallel As PULUMI_PARALLEL. Default: the CLI's own.
   */
  static async up(count: number, parallel?: number): Promise<TrivialProgram> {
    const dir = await mkdtemp(path.join(os.tmpdir(), "flint-trivial-"));
    await writeFile(
      path.join(dir, "Pulumi.yaml"),
      "name: trivial\nruntime: { name: nodejs, options: { typescript: false } }\nmain: index.js\n",
    );
    await writeFile(path.join(dir, "package.json"), '{ "name": "trivial", "private": true }\n');
    await writeFile(
      path.join(dir, "index.js"),
      `const pulumi = require("@pulumi/pulumi");
const provider = { create: async (inputs) => ({ id: String(inputs.n), outs: inputs }), diff: async () => ({ changes: false }) };
class Trivial extends pulumi.dynamic.Resource { constructor(n) { super(provider, "trivial-" + n, { n }); } }
for (let n = 0; n < ${count}; n++) new Trivial(n);
`,
    );
    await symlink(path.join(CHECKOUT, "node_modules"), path.join(dir, "node_modules"));
    // A checkout, as the dev stack's program is: the engine asks git what state it is in.
    await writeFile(path.join(dir, ".gitignore"), "*\n!index.js\n!Pulumi.yaml\n");
    const identity = ["-c", "user.name=bench", "-c", "user.email=bench@localhost"];
    for (const argv of [
      ["init", "--quiet"],
      ["add", "."],
      [...identity, "commit", "--quiet", "--message", "trivial"],
    ])
      await execa("git", argv, { cwd: dir, timeout: 30_000 });
    const program = new TrivialProgram(dir, parallel);
    await program.pulumi("stack", "init", "dev");
    const started = performance.now();
    await program.pulumi("up", "--yes", "--skip-preview");
    program.upSeconds = (performance.now() - started) / 1000;
    const state = await readFile(path.join(dir, ".pulumi/stacks/trivial/dev.json"), "utf8");
    program.stateBytes = Buffer.byteLength(JSON.stringify(JSON.parse(state)));
    return program;
  }

  /** A preview without any change. */
  preview(): Promise<unknown> {
    return this.pulumi("preview");
  }

  async remove(): Promise<void> {
    await rm(this.dir, { recursive: true, force: true });
  }

  private pulumi(...argv: string[]): Promise<unknown> {
    const env = {
      PULUMI_BACKEND_URL: `file://${this.dir}`,
      PULUMI_CONFIG_PASSPHRASE: "trivial",
      PULUMI_HOME: path.join(this.dir, "home"),
      PULUMI_SKIP_UPDATE_CHECK: "true",
      ...(this.parallel === undefined ? {} : { PULUMI_PARALLEL: String(this.parallel) }),
    };
    return execa("pulumi", argv, { cwd: this.dir, env, timeout: 300_000 });
  }
}
