import { resolve } from "node:path";
import { findTestFiles } from "./files.js";
import { type FileResult, runFile } from "./run-file.js";
import { countsOf, renderCounts, renderFile } from "./summary.js";

/** `--e2e`: the files that boot whole racks; `--retry`: a file that failed runs once more, and is told as flaky if it passes then. */
async function main(): Promise<void> {
  const root = resolve(__dirname, "../../..");
  const words = process.argv.slice(2);
  const parts = words.filter((word) => !word.startsWith("--"));
  const files = findTestFiles(root, parts, words.includes("--e2e") ? "e2e" : "test");
  if (files.length === 0) console.log("No test file's path contains any of these.");
  const results: FileResult[] = [];
  const flaky: string[] = [];
  for (const file of files) {
    let result = await runFile(root, file);
    console.log(renderFile(result));
    if (words.includes("--retry") && hasFailed(result) && process.exitCode === undefined) {
      console.log(`       ${file.source} runs once more`);
      result = await runFile(root, file);
      console.log(renderFile(result));
      if (!hasFailed(result)) flaky.push(file.source);
    }
    results.push(result);
  }
  if (flaky.length > 0) console.log(`\nFLAKY, failed once and then passed: ${flaky.join(", ")}`);
  const failed = results.filter(hasFailed);
  if (failed.length > 0) console.log(`\nFailed: ${failed.map((result) => result.source).join(", ")}`);
  const counts = countsOf(results);
  console.log(`\n${renderCounts(counts)}`);
  process.exitCode = counts.failed > 0 || files.length === 0 ? 1 : 0;
}

const hasFailed = (result: FileResult) => result.failures.length > 0;

void main();
