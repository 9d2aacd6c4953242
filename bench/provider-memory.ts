import { readdirSync, readFileSync } from "node:fs";

/** Watches the largest resident memory of Pulumi's dynamic-provider process, in MB, until `stop`. */
export function providerMemory(): { stop(): number } {
  let largest = 0;
  const timer = setInterval(() => {
    for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
      try {
        if (!readFileSync(`/proc/${pid}/cmdline`, "utf8").includes("dynamic-provider")) continue;
        const kib = Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0);
        largest = Math.max(largest, kib / 1024);
      } catch {
        // The process ended between the two looks.
      }
    }
  }, 250);
  return {
    stop() {
      clearInterval(timer);
      return largest;
    },
  };
}
