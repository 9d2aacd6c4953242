import { existsSync, readdirSync, rmSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { clearAbandoned } from "./abandoned.js";
import { askDaemon } from "./control-client.js";
import { endHost, endMachines, removeIfEmpty } from "./ending.js";
import type { Layout } from "./layout.js";
import { CHECKOUT } from "./layout.js";
import { removeNetwork } from "./namespace.js";
import { removeStackSalt } from "./stack-salt.js";
import type { RunStep } from "./steps.js";

/** Takes a rack down and removes everything of it, whatever state it is in. */
export async function rackDown(layout: Layout, step: RunStep): Promise<void> {
  await clearAbandoned(layout, step);
  await step("machines and BMCs", async () => {
    await askDaemon(layout, { do: "stop", machines: true }).catch(() => {}); // no daemon: its processes are found below
    const count = await endMachines(layout);
    return [count === 0 ? "none left" : `${count} processes ended`, undefined];
  });
  await step("provisioning host", async () => {
    const count = await endHost(layout);
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
