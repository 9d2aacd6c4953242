import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { compiled, type TestFile } from "./files.js";
import type { Event } from "./reporter.js";

/** What became of one file. */
export interface FileResult {
  source: string;
  seconds: number;
  passed: number;
  failures: { title: string; message: string }[];
  skipped: string[];
}

/** Seconds a process may go on after its last test: open handles are a defect of the test. */
const END_GRACE_SECONDS = 30;
const TEST_TIMEOUT_MS = 60_000;
const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** The run was told to end: nothing is begun any more, while what runs is ended. */
let isEnding = false;

/** Runs one file in a process group of its own; whatever is left of it at its limit is killed, and that is a failure. */
export async function runFile(root: string, file: TestFile, endGraceSeconds = END_GRACE_SECONDS): Promise<FileResult> {
  if (isEnding) return new Promise(() => {}); // this process is gone in a moment
  const folder = mkdtempSync(join(tmpdir(), "flint-test-"));
  const eventsFile = join(folder, "events.jsonl");
  const started = performance.now();
  const { end, output } = await runMocha(root, file, eventsFile, endGraceSeconds);
  const events = readEvents(eventsFile);
  rmSync(folder, { recursive: true, force: true });

  const passed = events.filter((event) => event.kind === "pass").length;
  const skipped = events.filter((event) => event.kind === "skip").map((event) => event.title);
  const failures = events.filter((event) => event.kind === "fail").map(({ title, message }) => ({ title, message }));
  const tail = output.split("\n").slice(-40).join("\n").trim();
  if (end !== undefined) failures.push({ title: end, message: tail });
  else if (failures.length === 0 && passed + skipped.length === 0)
    failures.push({ title: "ran no test", message: tail });
  return { source: file.source, seconds: (performance.now() - started) / 1000, passed, failures, skipped };
}

/** `end`: what was wrong with the process as such, if anything. */
async function runMocha(
  root: string,
  file: TestFile,
  eventsFile: string,
  endGraceSeconds: number,
): Promise<{ end: string | undefined; output: string }> {
  const reporter = join(root, "dist/scripts/testing/reporter.js");
  const mocha = join(root, "node_modules/mocha/bin/mocha.js");
  const args = ["--forbid-only", "--timeout", String(TEST_TIMEOUT_MS), "--reporter", reporter, compiled(file.source)];
  const child = spawn(process.execPath, [mocha, ...args], {
    cwd: root,
    env: { ...process.env, FLINT_TEST_EVENTS: eventsFile },
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
  const output: Buffer[] = [];
  child.stdout.on("data", (bytes: Buffer) => output.push(bytes));
  child.stderr.on("data", (bytes: Buffer) => output.push(bytes));

  let end: string | undefined;
  const kill = (reason: string) => {
    end ??= reason;
    if (child.pid !== undefined) killGroup(child.pid);
    killMarked(eventsFile);
  };
  // The file's processes are a group of their own, so Ctrl-C and CI's end of patience have to be passed on.
  const stop = (signal: NodeJS.Signals) => {
    isEnding = true;
    kill(`ended by ${signal}`);
    process.exitCode = 130;
    setTimeout(() => process.exit(), 100);
  };
  for (const signal of signals) process.once(signal, stop);
  const limit = setTimeout(() => kill(`took longer than its ${file.limitSeconds} s`), file.limitSeconds * 1000);
  let ended: number | undefined;
  const watch = setInterval(() => {
    if (ended === undefined && hasEnded(eventsFile)) ended = performance.now();
    if (ended !== undefined && performance.now() - ended > endGraceSeconds * 1000) {
      kill(`went on for ${endGraceSeconds} s after its last test: something is left open`);
    }
  }, 500);
  const code = await new Promise<number | null>((resolve) => child.on("close", resolve));
  for (const signal of signals) process.removeListener(signal, stop);
  clearTimeout(limit);
  clearInterval(watch);
  if (child.pid !== undefined) killGroup(child.pid); // what a test started and forgot
  killMarked(eventsFile);
  if (end === undefined && !hasEnded(eventsFile)) end = `ended in the middle, with exit code ${code}`;
  return { end, output: Buffer.concat(output).toString("utf8") };
}

function killGroup(leader: number): void {
  try {
    process.kill(-leader, "SIGKILL");
  } catch {
    // nothing of it is left
  }
}

/** Everything the file's tests started is known by its environment, also what made itself a group of its own (`pulumi up`). */
function killMarked(eventsFile: string): void {
  if (!existsSync("/proc")) return;
  for (const entry of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
    try {
      const variables = readFileSync(`/proc/${entry}/environ`, "latin1").split("\0");
      if (variables.includes(`FLINT_TEST_EVENTS=${eventsFile}`)) process.kill(Number(entry), "SIGKILL");
    } catch {
      // gone meanwhile, or somebody else's
    }
  }
}

const hasEnded = (file: string) => readEvents(file).some((event) => event.kind === "end");

function readEvents(file: string): Event[] {
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, "utf8").split("\n");
  lines.pop(); // empty, or a line that is being written
  return lines.map((line): Event => JSON.parse(line));
}
