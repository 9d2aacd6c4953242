// npm-installed.cjs ROOT: exit code 0 if ROOT/node_modules holds what ROOT/package-lock.json asks for.
// Compares with npm's own record of its last installation; runs on any Node, before anything is installed.
const { readFileSync } = require("node:fs");

const root = process.argv[2];
const packagesIn = (file) => JSON.parse(readFileSync(`${root}/${file}`, "utf8")).packages;

try {
  const wanted = packagesIn("package-lock.json");
  const installed = packagesIn("node_modules/.package-lock.json");
  // Optional packages are for other platforms, or may fail to build: npm leaves them out.
  const missing = Object.entries(wanted).filter(
    ([path, { version, optional }]) => path !== "" && !optional && installed[path]?.version !== version,
  );
  process.exitCode = missing.length === 0 ? 0 : 1;
} catch {
  process.exitCode = 1;
}
