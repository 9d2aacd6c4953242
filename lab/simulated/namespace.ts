import { spawnSync } from "node:child_process";

/** Kills what runs in a rack's network: nobody there would be answered any more. This process lives, wherever it is. */
export function endInside(namespace: string): void {
  const { stdout } = spawnSync("ip", ["netns", "pids", namespace], { encoding: "utf8" });
  for (const pid of (stdout ?? "").split("\n").map(Number)) {
    if (pid <= 1 || pid === process.pid) continue;
    try {
      process.kill(pid, "SIGKILL");
    } catch {
      // It has ended by itself.
    }
  }
}

/** Removes it, if it is there. */
export function deleteNamespace(namespace: string): void {
  spawnSync("ip", ["netns", "delete", namespace], { stdio: "ignore" });
}
