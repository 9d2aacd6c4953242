import { readdirSync, readFileSync } from "node:fs";

/** What the processes of one `pulumi` run cost, by what they are. */
export interface Costs {
  /** Processor seconds of the program and of the provider, and of the CLI with its engine. */
  flintSeconds: number;
  engineSeconds: number;
  /** Largest resident memory of the provider, and of the CLI with its engine, in MiB. */
  providerMb: number;
  engineMb: number;
}

/** `pulumi` itself and its language host; what else it starts (plugins of others, nix) is told by neither. */
const ENGINE = /^(\S*\/)?pulumi(-language-nodejs)? /;
const FLINT = /@pulumi\/pulumi\/cmd\/(dynamic-provider|run)\/index\.js/;
const PROVIDER = /dynamic-provider/;
const TICKS_PER_SECOND = 100;
const EVERY_MS = 500;

/**
 * Watches the processes that have a variable of their environment set so, until `stop`. Others' runs on the same machine are
 * not counted.
 */
export function watchCosts(variable: string): { stop(): Costs } {
  const seconds = new Map<string, { engine: boolean; seconds: number }>();
  const others = new Set<string>();
  let providerMb = 0;
  let engineMb = 0;
  const look = () => {
    for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name) && !others.has(name))) {
      try {
        const command = readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ");
        const engine = ENGINE.test(command);
        if (!engine && !FLINT.test(command)) continue;
        if (!readFileSync(`/proc/${pid}/environ`, "latin1").split("\0").includes(variable)) {
          others.add(pid);
          continue;
        }
        const [user, system] = readFileSync(`/proc/${pid}/stat`, "utf8")
          .replace(/^.*\) /, "")
          .split(" ")
          .slice(11, 13);
        seconds.set(pid, { engine, seconds: (Number(user) + Number(system)) / TICKS_PER_SECOND });
        const kib = Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0);
        if (engine) engineMb = Math.max(engineMb, kib / 1024);
        if (PROVIDER.test(command)) providerMb = Math.max(providerMb, kib / 1024);
      } catch {
        // It ended between two looks.
      }
    }
  };
  const timer = setInterval(look, EVERY_MS);
  return {
    stop() {
      clearInterval(timer);
      const sum = (engine: boolean) =>
        [...seconds.values()].filter((each) => each.engine === engine).reduce((total, each) => total + each.seconds, 0);
      return { flintSeconds: sum(false), engineSeconds: sum(true), providerMb, engineMb };
    },
  };
}
