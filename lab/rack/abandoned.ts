import { existsSync } from "node:fs";
import { endHost, endMachines } from "./ending.js";
import type { Layout } from "./layout.js";
import { namespaceOwner, removeNetwork } from "./namespace.js";
import type { RunStep } from "./steps.js";

/**
 * Clears what is left of a rack of this name whose directory was deleted while it was up: nobody can take it down from
 * there any more. Another checkout's rack whose directory exists stays.
 */
export async function clearAbandoned(layout: Layout, step: RunStep): Promise<void> {
  const owner = existsSync(layout.namespaceFile) ? await namespaceOwner(layout) : undefined;
  if (owner === undefined || owner === layout.dir || existsSync(owner)) return;
  await step("abandoned rack", async () => {
    const abandoned = { ...layout, dir: owner };
    await endMachines(abandoned);
    await endHost(abandoned);
    await removeNetwork(abandoned);
    return [`of ${owner}, which is gone: cleared`, undefined];
  });
}
