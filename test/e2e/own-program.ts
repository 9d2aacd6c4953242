import { cp, mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { execa, type Result } from "execa";
import { CHECKOUT } from "../../lab/demo/commands.js";

const FIXTURE = path.join(CHECKOUT, "test/fixtures/own-program");
const TOOLS = path.join(CHECKOUT, "node_modules");

/** As strict as they come; the types of mocha are a user's own affair. */
const TSCONFIG = {
  compilerOptions: {
    ...{
      target: "es2024",
      lib: ["es2024", "esnext.disposable"],
      module: "nodenext",
      strict: true,
      exactOptionalPropertyTypes: true,
    },
    ...{ types: ["node", "mocha"], typeRoots: [path.join(TOOLS, "@types")] },
  },
};

/** A program of somebody who has only the installed package, with tests of its own. */
export class OwnProgram {
  readonly directory: string;
  private readonly env: Record<string, string>;

  /** @param home Directory in which the package is installed. */
  constructor(private readonly home: string) {
    this.directory = path.join(home, "program");
    this.env = { PULUMI_HOME: path.join(home, ".home"), PULUMI_STACK: "prod" };
  }

  async write(): Promise<void> {
    await mkdir(this.directory);
    await cp(FIXTURE, this.directory, { recursive: true });
    await writeFile(path.join(this.directory, "tsconfig.json"), JSON.stringify(TSCONFIG));
    // A user's CLI has the plugins, or downloads them.
    await execa(path.join(CHECKOUT, "scripts/install-plugins"), [path.join(this.home, ".home")]);
  }

  /** Compiles its tests against the installed package. @throws Error with what the compiler says. */
  async compile(): Promise<void> {
    await execa(path.join(TOOLS, ".bin/tsc"), ["-p", "."], { cwd: this.directory, timeout: 60_000 });
  }

  /** Runs its tests. @returns what mocha prints. */
  async test(): Promise<string> {
    const mocha = path.join(TOOLS, ".bin/mocha");
    const { all } = await execa(mocha, ["cluster.spec.js"], {
      ...{ cwd: this.directory, env: this.env, all: true, reject: false, timeout: 150_000 },
    });
    return all;
  }

  /** The package's command. */
  simulate(argv: readonly string[], env: Record<string, string> = {}): Promise<Result<{ all: true; reject: false }>> {
    const command = path.join(this.home, "node_modules/.bin/flint-simulate");
    return execa(command, argv, {
      ...{ cwd: this.directory, env: { ...this.env, ...env }, all: true, reject: false, timeout: 100_000 },
    });
  }
}
