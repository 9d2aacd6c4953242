import { existsSync, readdirSync, rmdirSync, rmSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { removeCgroups } from "./container-cgroup.js";
import { askDaemon } from "./control-client.js";
import { endContainer } from "./host.js";
import type { Layout } from "./layout.js";
import { CHECKOUT } from "./layout.js";
import { removeNetwork } from "./namespace.js";
import { endProcesses, ownedProcesses } from "./owned-processes.js";
import { removeStackSalt } from "./stack-salt.js";
import type { RunStep } from "./steps.js";

/** Takes a rack down and removes everything of it, whatever state it is in. */
export async function rackDown(layout: Layout, step: RunStep): Promise<void> {
  await step("machines and BMCs", async () => {
    await askDaemon(layout, { do: "stop", machines: true }).catch(() => {}); // no daemon: its processes are found below
    const count = await endAll(layout, (role) => role !== "host" && role !== "container", 3000);
    return [count === 0 ? "none left" : `${count} processes ended`, undefined];
  });
  await step("provisioning host", async () => {
    // SIGTERM makes systemd-nspawn shut the container down in order.
    const ended = await endAll(layout, (role) => role === "host", 15_000);
    const count = ended + (await endContainer(layout));
    removeIfEmpty(`/run/systemd/nspawn/propagate/${layout.container}`);
    removeCgroups(layout.container);
    return [count === 0 ? "was not running" : "shut down", undefined];
  });
  await step("network", async () => {
    const others = othersInside(layout);
    const removed = await removeNetwork(layout);
    const note = others.length === 0 ? "" : `; still used by process ${others.join(", ")}`;
    return [`${removed ? "removed" : "was not there"}${note}`, undefined];
  });
  await step("files", async () => {
    const stackFile = removeStackSalt(layout);
    const present = existsSync(layout.dir);
    rmSync(layout.dir, { recursive: true, force: true });
    removeIfEmpty(dirname(layout.dir));
    const where = layout.dir.replace(`${CHECKOUT}/`, "");
    return [`${present ? `${where} removed` : "none"}${stackFile ? `, ${stackFile} as before` : ""}`, undefined];
  });
}

async function endAll(layout: Layout, which: (role: string) => boolean, graceMs: number): Promise<number> {
  const pids = ownedProcesses(layout.dir)
    .filter(({ role }) => which(role))
    .map(({ pid }) => pid);
  await endProcesses(layout.dir, pids, graceMs);
  return pids.length;
}

/** Shells and commands that a user still has running in the namespace: theirs to end; the network goes with the last. */
function othersInside(layout: Layout): number[] {
  const own = inodeOf(layout.namespaceFile);
  if (own === undefined) return [];
  return readdirSync("/proc")
    .filter((entry) => /^\d+$/.test(entry) && inodeOf(`/proc/${entry}/ns/net`) === own)
    .map(Number);
}

function inodeOf(path: string): number | undefined {
  try {
    return statSync(path).ino;
  } catch {
    return undefined;
  }
}

function removeIfEmpty(dir: string): void {
  try {
    rmdirSync(dir);
  } catch {
    // not there, or other racks are in it
  }
}
