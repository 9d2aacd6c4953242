import { execFile, execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { ClusterArgs } from "../../../components/index.js";
import { RESOURCE_FOLDERS } from "../../providers/resource-folders.js";

const root = resolve(__dirname, "../../../..");

export interface StoredResource {
  urn: string;
  type: string;
  inputs?: Record<string, unknown>;
  outputs?: Record<string, unknown>;
}

/** A Pulumi project under the real CLI whose program is one cluster, with lifecycles that touch no machine. */
export class StateProject {
  readonly directory = mkdtempSync(join(tmpdir(), "flint-state-"));
  readonly trace = join(this.directory, "deletes.jsonl");

  constructor() {
    const library = join(this.directory, "node_modules/pulumi-flint");
    mkdirSync(join(library, "lifecycle"), { recursive: true });
    mkdirSync(join(this.directory, "node_modules/@pulumi"));
    mkdirSync(join(this.directory, "state"));
    symlinkSync(join(root, "node_modules/@pulumi/pulumi"), join(this.directory, "node_modules/@pulumi/pulumi"));
    const exports = { "./lifecycle/*": "./lifecycle/*.js" };
    writeFileSync(join(library, "package.json"), JSON.stringify({ name: "pulumi-flint", version: "0.0.0", exports }));
    const quick = JSON.stringify(join(root, "dist/test/components/cluster/quick-lifecycle.js"));
    for (const folder of RESOURCE_FOLDERS) {
      const call = `quickLifecycle(${JSON.stringify(folder)}, ${JSON.stringify(this.trace)})`;
      writeFileSync(join(library, `lifecycle/${folder}.js`), `exports.lifecycle = require(${quick}).${call};\n`);
    }
    const component = JSON.stringify(join(root, "dist/components/index.js"));
    writeFileSync(
      join(this.directory, "index.js"),
      `const { ClusterComponent } = require(${component});
const { members, endpoints, health } = new ClusterComponent("dev", require("./cluster.json"));
module.exports = { members, endpoints, health };
`,
    );
    writeFileSync(join(this.directory, "package.json"), '{ "name": "state-program", "main": "index.js" }\n');
    writeFileSync(join(this.directory, "Pulumi.yaml"), "name: flint\nruntime: nodejs\nmain: index.js\n");
    execFileSync(join(root, "scripts/install-plugins"), [join(this.directory, "home")]);
  }

  declare(cluster: ClusterArgs): void {
    writeFileSync(join(this.directory, "cluster.json"), JSON.stringify(cluster));
  }

  /** Everything the CLI printed; an error when it failed. */
  pulumi(...args: string[]): Promise<string> {
    const env = {
      ...process.env,
      PULUMI_HOME: join(this.directory, "home"),
      PULUMI_BACKEND_URL: `file://${join(this.directory, "state")}`,
      PULUMI_CONFIG_PASSPHRASE: "for this test",
      PULUMI_SKIP_UPDATE_CHECK: "true",
    };
    const options = { cwd: this.directory, env, timeout: 180_000, maxBuffer: 1e8 };
    return new Promise((ok, no) =>
      execFile("pulumi", [...args, "--non-interactive"], options, (error, stdout, stderr) =>
        error === null ? ok(stdout) : no(new Error(`pulumi ${args.join(" ")}:\n${stdout}${stderr}`)),
      ),
    );
  }

  /** URNs' last parts with what a preview would do to them, without those that stay as they are. */
  async changes(): Promise<Record<string, string>> {
    const { steps } = JSON.parse(await this.pulumi("preview", "--json")) as { steps: { op: string; urn: string }[] };
    const touched = steps.filter(({ op }) => op !== "same");
    return Object.fromEntries(touched.map(({ op, urn }) => [nameOf(urn), op]));
  }

  /** The state as bytes without indentation, secrets encrypted, and its resources. */
  async state(): Promise<{ text: string; resources: StoredResource[] }> {
    const state = JSON.parse(await this.pulumi("stack", "export")) as { deployment: { resources: StoredResource[] } };
    return { text: JSON.stringify(state), resources: state.deployment.resources };
  }

  remove(): void {
    rmSync(this.directory, { recursive: true, force: true });
  }
}

export function nameOf(urn: string): string {
  return urn.split("::").at(-1) ?? urn;
}
