import { existsSync, mkdirSync, readdirSync, rmdirSync } from "node:fs";
import { join } from "node:path";

/**
 * Containers need a cgroup each, or their systemds would manage one another's processes. Where PID 1 is systemd it makes a
 * scope for each; elsewhere nobody can be asked for one, and we make a cgroup ourselves.
 */
const withSystemd = () => existsSync("/run/systemd/system");

/** What systemd-nspawn is told of it. */
export function nspawnScope(): string[] {
  return withSystemd() ? [] : ["--keep-unit"];
}

/** argv prefix under which a command runs in a cgroup of that name, where we make them. */
export function inOwnCgroup(name: string): string[] {
  const cgroup = withSystemd() ? undefined : directoryOf(name);
  if (cgroup === undefined) return [];
  mkdirSync(cgroup, { recursive: true });
  return ["sh", "-c", 'echo $$ > "$1" && shift && exec "$@"', "join-cgroup", join(cgroup, "cgroup.procs")];
}

/** The container's systemd leaves empty cgroups behind. */
export function removeCgroups(name: string): void {
  const top = directoryOf(name);
  if (top !== undefined && existsSync(top)) removeCgroup(top);
}

function removeCgroup(path: string): void {
  for (const entry of readdirSync(path, { withFileTypes: true })) {
    if (entry.isDirectory()) removeCgroup(join(path, entry.name));
  }
  rmdirSync(path);
}

/** In the hierarchy that systemd uses. */
function directoryOf(name: string): string | undefined {
  const hierarchy = ["/sys/fs/cgroup/systemd", "/sys/fs/cgroup/unified", "/sys/fs/cgroup"].find((path) =>
    existsSync(join(path, "cgroup.procs")),
  );
  return hierarchy === undefined ? undefined : join(hierarchy, name);
}
