import { readFileSync } from "node:fs";
import { basename } from "node:path";

/** Between a provider host and the engine that started it: the plugin's own script. */
const LEVELS = 4;

/**
 * What the command that this process serves names as its targets: `pulumi up --target …`. The engine tells a provider nothing of
 * that. Empty where all resources are meant, and where it cannot be seen, as without /proc.
 */
export function namedTargets(pid = process.ppid): string[] {
  for (let [at, level] = [pid, 0]; at > 1 && level < LEVELS; level++) {
    const argv = textOf(`/proc/${at}/cmdline`).split("\0");
    if (/^pulumi(\.exe)?$/.test(basename(argv[0] ?? ""))) return targetsIn(argv);
    at = Number(/^PPid:\s*(\d+)$/m.exec(textOf(`/proc/${at}/status`))?.[1] ?? 0);
  }
  return [];
}

/** Also behind short flags that take no value: `-yt URN`. */
const FLAG = /^(?:--target|-[defjQry]*t)$/;
const FLAG_AND_VALUE = /^(?:--target=|-[defjQry]*t=?)(.+)$/s;

/** Values of `--target` and `-t`, in each form that the CLI takes. Pure. */
export function targetsIn(argv: readonly string[]): string[] {
  return argv.flatMap((arg, i) => {
    if (FLAG.test(arg)) return argv.slice(i + 1, i + 2);
    const [, value] = FLAG_AND_VALUE.exec(arg) ?? [];
    return value === undefined ? [] : [value];
  });
}

/** Whether this resource is meant by its name, alone or among others, and not with all of its kind or of its component. Pure. */
export function isNamed(targets: readonly string[], urn: string): boolean {
  const otherName = `${urn.slice(0, urn.lastIndexOf("::") + 2)}\0`;
  return targets.map(globOf).some((glob) => glob.test(urn) && !glob.test(otherName));
}

/** As the engine reads a target: `*` within a part of the URN, `**` across them. */
function globOf(target: string): RegExp {
  const literally = (text: string) => text.replaceAll(/[^\w:]/g, "\\$&");
  const parts = target.split("**").map((part) => part.split("*").map(literally).join("[^:]*"));
  return new RegExp(`^${parts.join(".*")}$`, "s");
}

function textOf(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
