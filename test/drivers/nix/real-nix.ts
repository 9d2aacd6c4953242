import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";

/**
 * Puts the set-up's nix on this process's PATH, where the test runner has not done so.
 * @returns why there is none, or undefined.
 */
export function needNix(): string | undefined {
  const cache =
    process.env.FLINT_CACHE ?? path.join(process.env.XDG_CACHE_HOME ?? path.join(os.homedir(), ".cache"), "flint");
  const file = path.join(cache, "env.sh");
  if (existsSync(file)) {
    const text = readFileSync(file, "utf8");
    for (const [, directory] of text.matchAll(/^export PATH=(\S+):\$PATH$/gm))
      if (!process.env.PATH?.split(":").includes(directory ?? ""))
        process.env.PATH = `${directory}:${process.env.PATH}`;
    process.env.NIX_CONF_DIR ??= /^export NIX_CONF_DIR=(\S+)$/m.exec(text)?.[1];
  }
  try {
    execFileSync("nix", ["--version"], { stdio: "ignore" });
    return undefined;
  } catch {
    return "no nix on PATH and none in the cache: run scripts/setup";
  }
}
