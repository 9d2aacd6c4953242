import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/**
 * Puts an `ipmitool` of the test's own first on PATH as long as `work` runs.
 * @param script Lines of a shell script; `$dir` is its directory, which goes afterwards.
 */
export async function withIpmitool(script: string, work: (directory: string) => Promise<void>): Promise<void> {
  const { PATH } = process.env;
  const directory = mkdtempSync(join(tmpdir(), "flint-test-ipmitool-"));
  writeFileSync(join(directory, "ipmitool"), `#!/bin/sh\ndir=$(dirname "$0")\n${script}\n`, { mode: 0o755 });
  process.env.PATH = `${directory}:${PATH}`;
  try {
    await work(directory);
  } finally {
    process.env.PATH = PATH;
    rmSync(directory, { recursive: true });
  }
}

/** Writes its arguments down, a line per call, and becomes the real one. */
export const RECORDING = `printf '%s\\n' "$*" >> "$dir/calls"
PATH=\${PATH#*:}
exec ipmitool "$@"`;
