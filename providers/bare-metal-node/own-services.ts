import { z } from "zod";
import { probeHealth } from "../../drivers/health/probe.js";
import { atStandstill, waitingForOthers } from "../runtime/standstill.js";
import { awaitServices } from "../service-health.js";
import type { NodeContext } from "./context.js";
import type { NodeInputs } from "./schema.js";

/** So long nothing else may go on before a machine stops waiting for voters; at most a third of its deadline. */
const STANDSTILL_MS = 20_000;
const PROBE_MS = 4_000;

const foundersSchema = z.object({
  config: z.looseObject({ initial_members: z.array(z.looseObject({ id: z.string() })) }),
  data: z.looseObject({
    hosts: z.record(z.string(), z.looseObject({ provisioning: z.string() })),
    services: z.looseObject({ chainfire: z.looseObject({ apiPort: z.number() }) }),
  }),
});

/** Whose services are waited for. */
export interface ServiceOwner extends Pick<NodeContext, "signal" | "say"> {
  want: Pick<NodeInputs, "name" | "cluster" | "ca" | "services" | "config" | "data"> & {
    deadlines: Pick<NodeInputs["deadlines"], "firstBoot">;
  };
  run: Pick<NodeContext["run"], "info">;
}

/** Clusters of which nobody can wait for a voter in this run: after the first machine that gave way the others need not stand still. */
const withoutVoters = new Set<string>();

/**
 * Waits until the services that a machine without a vote has are healthy. They need a leader, and that takes voters: where the engine
 * works on few resources at once, machines that wait for it may be all that it works on, and the voters come when these have
 * ended. Where no voter serves yet and nothing else goes on, machines are left to ClusterHealth, which looks at all of them in the end.
 * @throws FlintError SERVICE_UNHEALTHY.
 */
export async function awaitOwnServices(node: ServiceOwner): Promise<void> {
  const { want, run, signal } = node;
  const { cluster, ca } = want;
  const deadlineMs = want.deadlines.firstBoot * 1000;
  const patienceMs = Math.min(STANDSTILL_MS, deadlineMs / 3);
  let since: number | undefined;
  const giveWay = async () => {
    since = atStandstill() ? (since ?? performance.now()) : undefined;
    const long = since !== undefined && performance.now() - since >= patienceMs;
    if (!long && !withoutVoters.has(cluster)) return false;
    if (await anyServes(foundersOf(want), { ca, signal })) return false;
    if (!withoutVoters.has(cluster)) run.info(`${want.name} ${LEFT}`);
    withoutVoters.add(cluster);
    return true;
  };
  const urls = want.services ?? {};
  const services = { node: want.name, urls, ca, deadlineMs, giveWay };
  await waitingForOthers(() => awaitServices(services, { say: (text) => node.say(text), signal }));
}

const LEFT =
  "runs, and its services wait for voters, which Pulumi has not begun yet: machines without a vote are not waited for until " +
  "those serve; ClusterHealth looks at all of them in the end. With PULUMI_PARALLEL at the number of machines all begin together.";

/** Chainfire of those that form the cluster. */
function foundersOf(want: ServiceOwner["want"]): string[] {
  const { config, data } = foundersSchema.parse(want);
  return config.initial_members.flatMap(({ id }) => {
    const host = data.hosts[id];
    return host === undefined ? [] : [`https://${host.provisioning}:${data.services.chainfire.apiPort}`];
  });
}

async function anyServes(urls: readonly string[], options: { ca: string; signal: AbortSignal }): Promise<boolean> {
  const answers = await Promise.all(urls.map((url) => probeHealth(url, { ...options, deadlineMs: PROBE_MS })));
  return answers.some(({ health }) => health === "healthy");
}
