import { resolve } from "node:path";
import { findTestFiles } from "./files.js";
import { type FileResult, runFile } from "./run-file.js";
import { countsOf, renderCounts, renderFile } from "./summary.js";

async function main(): Promise<void> {
  const root = resolve(__dirname, "../../..");
  const words = process.argv.slice(2);
  const parts = words.filter((word) => word !== "--e2e");
  const files = findTestFiles(root, parts, words.includes("--e2e") ? "e2e" : "test");
  if (files.length === 0) console.log("No test file's path contains any of these.");
  const results: FileResult[] = [];
  for (const file of files) {
    const result = await runFile(root, file);
    results.push(result);
    console.log(renderFile(result));
  }
  const failed = results.filter((result) => result.failures.length > 0);
  if (failed.length > 0) console.log(`\nFailed: ${failed.map((result) => result.source).join(", ")}`);
  const counts = countsOf(results);
  console.log(`\n${renderCounts(counts)}`);
  process.exitCode = counts.failed > 0 || files.length === 0 ? 1 : 0;
}

void main();
