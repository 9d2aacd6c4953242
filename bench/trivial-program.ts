import { mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { execa } from "execa";
import { CHECKOUT } from "../lab/demo/commands.js";
import { timed } from "./measured-job.js";

/** Seconds of no-op previews of a program with `count` dynamic resources that do nothing: the engine's own cost. */
export async function trivialPreviews(count: number, times: number): Promise<number[]> {
  const dir = await mkdtemp(path.join(os.tmpdir(), "flint-trivial-"));
  try {
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
    const env = {
      PULUMI_BACKEND_URL: `file://${dir}`,
      PULUMI_CONFIG_PASSPHRASE: "trivial",
      PULUMI_HOME: path.join(dir, "home"),
      PULUMI_SKIP_UPDATE_CHECK: "true",
    };
    const pulumi = (...argv: string[]) => execa("pulumi", argv, { cwd: dir, env, timeout: 300_000 });
    await pulumi("stack", "init", "dev");
    await pulumi("up", "--yes", "--skip-preview");
    const seconds: number[] = [];
    for (let i = 0; i < times; i++) seconds.push(await timed(() => pulumi("preview")));
    return seconds;
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}
