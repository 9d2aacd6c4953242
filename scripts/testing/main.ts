import { resolve } from "node:path";
import pLimit from "p-limit";
import { readArguments, WrongArguments } from "./arguments.js";
import { findTestFiles, type TestFile } from "./files.js";
import { type FileResult, runFile } from "./run-file.js";
import { countsOf, renderCounts, renderFile } from "./summary.js";

const FILES_AT_ONCE = 2;

/** `--e2e`, `--long`: the files that bring up whole racks; `--retry`: a file that failed runs once more, and is told as flaky if it passes then. */
async function main(): Promise<void> {
  const root = resolve(__dirname, "../../..");
  const { kind, parts, retry } = readArguments(process.argv.slice(2));
  const files = findTestFiles(root, parts, kind);
  const flaky: string[] = [];
  const runAndTell = async (file: TestFile): Promise<FileResult> => {
    let result = await runFile(root, file);
    console.log(renderFile(result));
    if (retry && hasFailed(result) && process.exitCode === undefined) {
      console.log(`       ${file.source} runs once more`);
      result = await runFile(root, file);
      console.log(renderFile(result));
      if (!hasFailed(result)) flaky.push(file.source);
    }
    return result;
  };
  // Most files wait more than they compute. A rack takes the whole machine.
  const results = await pLimit(kind === "test" ? FILES_AT_ONCE : 1).map(files, runAndTell);
  if (flaky.length > 0) console.log(`\nFLAKY, failed once and then passed: ${flaky.join(", ")}`);
  const failed = results.filter(hasFailed);
  if (failed.length > 0) console.log(`\nFailed: ${failed.map((result) => result.source).join(", ")}`);
  const counts = countsOf(results);
  console.log(`\n${renderCounts(counts)}`);
  process.exitCode = counts.failed > 0 ? 1 : 0;
}

const hasFailed = (result: FileResult) => result.failures.length > 0;

main().catch((error: unknown) => {
  if (!(error instanceof WrongArguments)) throw error;
  console.error(error.message);
  process.exitCode = 64; // EX_USAGE of sysexits.h
});
