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
  const cgroups = withSystemd() ? [] : directoriesOf(name);
  if (cgroups.length === 0) return [];
  for (const cgroup of cgroups) mkdirSync(cgroup, { recursive: true });
  const enter = 'while [ "$1" != -- ]; do echo $$ > "$1/cgroup.procs" || exit; shift; done; shift; exec "$@"';
  return ["sh", "-c", enter, "join-cgroup", ...cgroups, "--"];
}

/** The container's systemd leaves empty cgroups behind. */
export function removeCgroups(name: string): void {
  for (const cgroup of directoriesOf(name)) if (existsSync(cgroup)) removeCgroup(cgroup);
}

function removeCgroup(path: string): void {
  for (const entry of readdirSync(path, { withFileTypes: true })) {
    if (entry.isDirectory()) removeCgroup(join(path, entry.name));
  }
  rmdirSync(path);
}

/**
 * In each hierarchy that systemd uses to tell processes apart. A hybrid set-up has two: systemd goes by the second, and
 * keeps the first alike for programs that know no other (systemd.io/CGROUP_DELEGATION).
 */
function directoriesOf(name: string): string[] {
  const named = ["/sys/fs/cgroup/systemd", "/sys/fs/cgroup/unified"].filter(isHierarchy);
  const hierarchies = named.length > 0 ? named : ["/sys/fs/cgroup"].filter(isHierarchy);
  return hierarchies.map((path) => join(path, name));
}

function isHierarchy(path: string): boolean {
  return existsSync(join(path, "cgroup.procs"));
}
