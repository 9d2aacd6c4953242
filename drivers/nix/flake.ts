import { rm } from "node:fs/promises";
import path from "node:path";
import { z } from "zod";
import { FlintError } from "../../foundation/errors.js";
import { makePrivateDirectory } from "../../foundation/private-directory.js";
import { redact } from "../../foundation/redact.js";
import type { SystemSource } from "./driver.js";
import { runProcess } from "./process.js";

export interface BuildOptions {
  deadlineMs: number;
  signal?: AbortSignal;
  /** Told what nix is doing, some times a second at most. */
  onProgress?: (text: string) => void;
}

/** `flake#attribute` for a directory or a flake reference. */
export function installable(source: SystemSource, attribute: string): string {
  const reference = path.isAbsolute(source.flake) ? `path:${source.flake}` : source.flake;
  return `${reference}#${attribute}`;
}

/** `--override-input` arguments for the inputs that are replaced by local directories. */
export function overrides(inputs: Record<string, string>): string[] {
  return Object.entries(inputs).flatMap(([name, target]) => [
    "--override-input",
    name,
    path.isAbsolute(target) ? `path:${target}` : target,
  ]);
}

const COMMON = ["--extra-experimental-features", "nix-command flakes", "--no-write-lock-file", "--no-update-lock-file"];

/**
 * One `nix build` of several attributes.
 * @returns the store path of each attribute, or undefined for those that failed (with `--keep-going` the others are built).
 * @throws FlintError `NIX_ATTRIBUTE_MISSING`, `NIX_BUILD` when nothing was built.
 */
export async function buildAttributes(
  source: SystemSource,
  attributes: string[],
  options: BuildOptions,
): Promise<{ paths: (string | undefined)[]; log: string[] }> {
  // The links keep what was built until its paths are read.
  const directory = await makePrivateDirectory("build");
  const names = attributes.map((attribute) => installable(source, attribute));
  const log: string[] = [];
  const result = await runProcess(
    "nix",
    [
      "build",
      ...COMMON,
      "--json",
      "--keep-going",
      "--log-format",
      "internal-json",
      "-v",
      "--out-link",
      path.join(directory, "result"),
    ]
      .concat(overrides(source.inputs))
      .concat(names),
    {
      deadlineMs: options.deadlineMs,
      signal: options.signal,
      onLine: (line, stream) => {
        if (stream === "stdout") return;
        const event = readNixEvent(line);
        if (event.progress !== undefined) options.onProgress?.(event.progress);
        if (event.message !== undefined && log.push(redact(event.message)) > 60) log.shift();
      },
    },
  ).finally(() => rm(directory, { recursive: true, force: true }));
  if (result.code === 0) return { paths: outputsOf(result.stdout, attributes.length), log };
  const text = log.join("\n");
  const missing = /does not provide attribute (.*?)(?:\n|$)/.exec(text);
  if (missing) {
    throw new FlintError("NIX_ATTRIBUTE_MISSING", {
      subject: `flake ${source.flake}`,
      expected: `the attributes ${attributes.join(", ")}`,
      found: `no attribute ${(missing[1] ?? "").trim()}`,
      remedy: "Add it to the flake's outputs, or correct system.flake in the stack file.",
    });
  }
  const paths = await Promise.all(names.map((name) => existing(name, source, options)));
  if (paths.every((found) => found === undefined)) throw evaluationError(source, log);
  return { paths, log };
}

const FULL = /no space left|disk quota exceeded/i;

/** The error for a build of which nothing came out. */
export function evaluationError(source: SystemSource, log: string[]): FlintError {
  const lines = log.filter((line) => /error|failed|assertion/i.test(line)).slice(-6);
  return new FlintError("NIX_BUILD", {
    subject: `flake ${source.flake}`,
    expected: "a successful build",
    found: (lines.length > 0 ? lines : log.slice(-3)).join("; ") || "no output of nix",
    remedy: lines.some((line) => FULL.test(line))
      ? "Free space here, where nix builds (`nix-collect-garbage`), then run `pulumi up` again."
      : "Run the same `nix build` by hand to see the whole log.",
  });
}

async function existing(name: string, source: SystemSource, options: BuildOptions): Promise<string | undefined> {
  const answer = await runProcess("nix", ["path-info", ...COMMON, ...overrides(source.inputs), name], {
    deadlineMs: options.deadlineMs,
    signal: options.signal,
  });
  return answer.code === 0 ? answer.stdout.trim().split("\n")[0] : undefined;
}

/** A derivation, with its outputs by name; or a path that the flake holds ready, such as a prebuilt image. */
const builtSchema = z.array(
  z.union([z.string(), z.object({ outputs: z.object({ out: z.string() }) }).transform(({ outputs }) => outputs.out)]),
);

function outputsOf(json: string, count: number): string[] {
  const built = builtSchema.safeParse(JSON.parse(json));
  if (built.success && built.data.length === count) return built.data;
  throw new Error(`nix build --json answered ${json.slice(0, 200)}`);
}

/** One line of `--log-format internal-json`: what is going on, or a message for people. */
export function readNixEvent(line: string): { progress?: string; message?: string } {
  if (!line.startsWith("@nix ")) return line.trim() === "" ? {} : { message: line };
  let event: { action?: string; text?: string; msg?: string; level?: number; type?: number; fields?: unknown[] };
  try {
    event = JSON.parse(line.slice(5));
  } catch {
    return {};
  }
  // Levels: 0 error, 1 warning, 2 notice, 3 info (nix's Verbosity).
  if (event.action === "msg" && (event.level ?? 9) <= 1) return { message: stripColour(event.msg ?? "") };
  // Type 105 is a build, 100 a copy, 101 a download (nix's ActivityType).
  if (event.action === "start" && [100, 101, 105].includes(event.type ?? 0) && event.text) {
    return { progress: event.text.replace(/'\/nix\/store\/[a-z0-9]{32}-([^']+)'/g, "$1") };
  }
  return {};
}

function stripColour(text: string): string {
  return text.replace(/\u001b\[[0-9;]*m/g, "");
}
