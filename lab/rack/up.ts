import { clearAbandoned } from "./abandoned.js";
import { chooseAccelerator } from "./accelerator.js";
import { ensureBmcCertificates } from "./bmc-certificates.js";
import { ensureCredentials } from "./credentials.js";
import { endStrayMachines, ensureDaemon } from "./daemon-process.js";
import { hostAnswers, startHost } from "./host.js";
import { preparedRoot } from "./host-files.js";
import type { Layout } from "./layout.js";
import { ensureNetwork } from "./namespace.js";
import { refuseMissingTools } from "./prerequisites.js";
import { writeRunningRack } from "./running-rack.js";
import type { Rack } from "./schema.js";
import type { RunStep } from "./steps.js";

/** Brings a rack up, or what is missing of it. Every step looks first; machines that run are not touched. */
export async function rackUp(layout: Layout, rack: Rack, step: RunStep): Promise<void> {
  refuseMissingTools({ ipmi: rack.machines.some(({ ipmi }) => ipmi) });
  const { accelerator } = await step("machines' processor", async () => {
    const choice = await chooseAccelerator();
    return [`${choice.accelerator} (${choice.why})`, choice];
  });
  const prepared = await step("provisioning host's root", async () => {
    const path = await preparedRoot();
    return ["ready", path];
  });
  await clearAbandoned(layout, step);
  await step("network", async () => {
    const made = await ensureNetwork(layout, rack);
    return [`namespace ${layout.namespace}${made === 0 ? ", as it was" : `, ${made} parts made`}`, made];
  });
  const newKeys = await step("keys and certificates", async () => {
    const made = (await ensureCredentials(layout)) + (await ensureBmcCertificates(layout, rack.machines));
    return [made === 0 ? "as they were" : `${made} made`, made > 0];
  });
  await step("provisioning host", async () => {
    return [await startHost(layout, rack, prepared), undefined];
  });
  await step("BMCs and power", async () => {
    const changed = writeRunningRack(layout, rack);
    await endStrayMachines(layout, rack.machines);
    const started = await ensureDaemon(layout, accelerator, changed || newKeys);
    return [`${rack.machines.length} machines, ${started ? "daemon started" : "daemon runs"}`, started];
  });
  await step("provisioning host's ssh", async () => {
    await hostAnswers(layout, rack);
    return [`root@${rack.host.address}`, undefined];
  });
}
