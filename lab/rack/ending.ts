import { rmdirSync } from "node:fs";
import { removeCgroups } from "./container-cgroup.js";
import { endContainer } from "./host.js";
import type { Layout } from "./layout.js";
import { endProcesses, ownedProcesses } from "./owned-processes.js";

/** Ends the daemon and the machines of a rack, however it was left. Answers how many processes those were. */
export function endMachines(layout: Layout): Promise<number> {
  return endAll(layout, (role) => role !== "host" && role !== "container", 3000);
}

/** Ends a rack's provisioning host, however it was left. Answers how many processes that were. */
export async function endHost(layout: Layout): Promise<number> {
  // SIGTERM makes systemd-nspawn shut the container down in order.
  const ended = await endAll(layout, (role) => role === "host", 15_000);
  const count = ended + (await endContainer(layout));
  removeIfEmpty(`/run/systemd/nspawn/propagate/${layout.container}`);
  await removeCgroups(layout.container);
  return count;
}

async function endAll(layout: Layout, which: (role: string) => boolean, graceMs: number): Promise<number> {
  const pids = ownedProcesses(layout.dir)
    .filter(({ role }) => which(role))
    .map(({ pid }) => pid);
  await endProcesses(layout.dir, pids, graceMs);
  return pids.length;
}

/** Removes a directory unless it is missing or something is in it. */
export function removeIfEmpty(dir: string): void {
  try {
    rmdirSync(dir);
  } catch {
    // not there, or other racks are in it
  }
}
