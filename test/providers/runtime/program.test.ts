// limit: 1200 s
import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { probeProject } from "./provider-host.js";

const root = resolve(__dirname, "../../../..");

const PROGRAM = `
const { FlintResource } = require(${JSON.stringify(join(root, "dist/providers/shell.js"))});
class Probe extends FlintResource {
  constructor(name, args) {
    super({ type: "Probe", folder: "probe", secrets: ["password"], outputs: ["phase"] }, name, args);
  }
}
const probe = new Probe("p1", { name: "p1", password: "hunter22", ...JSON.parse(process.env.PROBE ?? "{}") });
exports.phase = probe.phase;
`;

describe("a resource under the real CLI", function () {
  this.timeout(180_000);
  const project = probeProject();
  const environment = (probe: object) => ({
    ...process.env,
    PROBE: JSON.stringify(probe),
    PULUMI_HOME: join(project, "home"),
    PULUMI_BACKEND_URL: `file://${join(project, "state")}`,
    PULUMI_CONFIG_PASSPHRASE: "for this test",
    PULUMI_SKIP_UPDATE_CHECK: "true",
  });

  /** Everything the CLI printed, and its exit code; at most 150 s. */
  const pulumi = (probe: object, ...args: string[]) =>
    new Promise<{ code: number; text: string }>((done) => {
      const options = { cwd: project, env: environment(probe), timeout: 150_000, killSignal: "SIGKILL" as const };
      execFile("pulumi", [...args, "--non-interactive"], options, (error, stdout, stderr) =>
        done({ code: error === null ? 0 : Number(error.code ?? -1), text: stdout + stderr }),
      );
    });
  const up = (probe: object) => pulumi(probe, "up", "--yes", "--skip-preview");
  const stored = async (key: string) => {
    const { text } = await pulumi({}, "stack", "export", "--show-secrets");
    const { deployment } = JSON.parse(text) as { deployment: { resources: { type: string; outputs?: object }[] } };
    const probe = deployment.resources.find(({ type }) => type.endsWith("Probe"));
    return (probe?.outputs as Record<string, unknown> | undefined)?.[key];
  };

  before(async () => {
    mkdirSync(join(project, "state"));
    mkdirSync(join(project, "node_modules/@pulumi"));
    symlinkSync(join(root, "node_modules/@pulumi/pulumi"), join(project, "node_modules/@pulumi/pulumi"));
    writeFileSync(join(project, "Pulumi.yaml"), "name: probe\nruntime: nodejs\nmain: index.js\n");
    writeFileSync(join(project, "package.json"), '{ "name": "probe-program", "main": "index.js" }\n');
    writeFileSync(join(project, "index.js"), PROGRAM);
    const made = await pulumi({}, "stack", "init", "dev");
    assert.equal(made.code, 0, made.text);
  });
  after(() => rmSync(project, { recursive: true, force: true }));

  it("keeps what a failed create did, shows its live text on its line, and shows no secret", async () => {
    const { code, text } = await up({ failAfter: 2, phaseMs: 300 });
    assert.notEqual(code, 0);
    assert.match(text, /flint:Probe p1 creating \(\d+s\) create phase \d, \[secret\]/);
    assert.match(text, /\* phase 2 failed; with password \[secret\]\n/);
    assert.doesNotMatch(text, /hunter22/);
    assert.equal(await stored("phase"), 2);
  });

  it("goes on from there with the next up, and then has nothing to do", async () => {
    const { code, text } = await up({ phaseMs: 300 });
    assert.equal(code, 0, text);
    assert.match(text, /update phase 2, \[secret\]/);
    assert.doesNotMatch(text, /phase [01],/);
    assert.equal(await stored("pending"), undefined);
    const preview = await pulumi({ phaseMs: 300 }, "preview", "--expect-no-changes");
    assert.equal(preview.code, 0, preview.text);
  });

  it("ends soon after Ctrl-C and keeps what was done; the next up goes on", async () => {
    const probe = { place: "there", phases: 1_200, phaseMs: 100 };
    const child = spawn("pulumi", ["up", "--yes", "--skip-preview", "--non-interactive"], {
      cwd: project,
      env: environment(probe),
    });
    let text = "";
    const creating = new Promise<void>((ok) => {
      for (const stream of [child.stdout, child.stderr])
        stream.on("data", (data: Buffer) => {
          text += data;
          if (/create phase/.test(text)) ok();
        });
    });
    const ended = new Promise<void>((ok) => child.once("close", () => ok()));
    await creating;
    const started = performance.now();
    child.kill("SIGINT");
    await ended;
    assert.ok(performance.now() - started < 60_000, "the work would have gone on for two minutes");
    assert.match(
      text,
      /probe-p1: cancelled before it was finished\. Run the same command again: it continues from here\./,
    );
    assert.ok(Number(await stored("phase")) >= 1);
    assert.equal((await up({ place: "there" })).code, 0);
  });

  it("is destroyed", async () => {
    const { code, text } = await pulumi({}, "destroy", "--yes", "--skip-preview");
    assert.equal(code, 0, text);
  });
});
