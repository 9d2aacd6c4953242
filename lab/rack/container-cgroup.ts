import { existsSync, mkdirSync, readdirSync, rmdirSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { waitUntil } from "../../foundation/wait.js";

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

/** Those that the container's systemd left behind, once the last processes are out of them. */
export async function removeCgroups(name: string): Promise<void> {
  for (const cgroup of directoriesOf(name)) {
    let busy = "";
    await waitUntil(
      async () => {
        busy = removeCgroup(cgroup) ?? "";
        return busy === "";
      },
      {
        reason: `cgroup ${name} to be empty`,
        deadlineMs: 30_000,
        intervalMs: 50,
        remedy: "End what is named in its cgroup.procs, and take the rack down once more.",
        lastSeen: () => `processes in ${busy}`,
      },
    );
  }
}

/** Answers which cgroup below has processes; undefined: all are gone. */
function removeCgroup(path: string): string | undefined {
  if (!existsSync(path)) return undefined;
  for (const entry of readdirSync(path, { withFileTypes: true })) {
    const busy = entry.isDirectory() ? removeCgroup(join(path, entry.name)) : undefined;
    if (busy !== undefined) return busy;
  }
  try {
    rmdirSync(path);
  } catch (error) {
    if (z.object({ code: z.literal("EBUSY") }).safeParse(error).success) return path;
    throw error;
  }
  return undefined;
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
