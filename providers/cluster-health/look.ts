import { randomBytes } from "node:crypto";
import { probeHealth } from "../../drivers/health/probe.js";
import { openRaft } from "../../drivers/raft/client.js";
import type { Membership, RaftEndpoints, RaftService } from "../../drivers/raft/driver.js";
import type { Sight } from "./report.js";
import type { HealthInputs } from "./schema.js";

/** Looks at the whole cluster once: members, leaders, every health endpoint, and a value written and read back. */
export async function look(want: HealthInputs, signal: AbortSignal): Promise<Sight> {
  const voters = Object.entries(want.nodes).filter(([, node]) => node.voter);
  const [chainfire, flaredb, { endpoints, untimely }] = await Promise.all([
    lookAtRaft(want, "chainfire", voters),
    lookAtRaft(want, "flaredb", voters),
    lookAtEndpoints(want, signal),
  ]);
  return {
    raft: { chainfire: chainfire.membership, flaredb: flaredb.membership },
    notReplicated: { chainfire: chainfire.notReplicated, flaredb: flaredb.notReplicated },
    endpoints,
    untimely,
  };
}

/** How a raft service is reached on all nodes that vote. */
export function endpointsOf(want: HealthInputs, service: RaftService): RaftEndpoints {
  const { cluster, ca, clientCert, clientKey } = want;
  const voters = Object.entries(want.nodes).filter(([, node]) => node.voter);
  const urls = voters.map(([name, node]) => [name, `https://${node.address}:${node.ports[service]}`]);
  return { cluster, service, urls: Object.fromEntries(urls), ca, clientCert, clientKey };
}

type Nodes = [string, HealthInputs["nodes"][string]][];

async function lookAtRaft(
  want: HealthInputs,
  service: RaftService,
  voters: Nodes,
): Promise<{ membership: Membership | undefined; notReplicated: string[] }> {
  const client = openRaft(endpointsOf(want, service));
  try {
    const membership = await client.members(15_000);
    if (membership?.leader === undefined) return { membership, notReplicated: [] };
    const key = `flint/health/${randomBytes(4).toString("hex")}`;
    const value = randomBytes(8).toString("hex");
    const wrote = await client.put(key, value).then(
      () => true,
      () => false,
    );
    const readBack = async ([name]: Nodes[number]) =>
      wrote && (await client.get(key, name).catch(() => undefined)) === value ? [] : [name];
    const notReplicated = (await Promise.all(voters.map(readBack))).flat();
    if (wrote) await client.deleteKey(key).catch(() => {});
    return { membership, notReplicated };
  } finally {
    await client.close();
  }
}

async function lookAtEndpoints(
  want: HealthInputs,
  signal: AbortSignal,
): Promise<Pick<Sight, "endpoints" | "untimely">> {
  const asked = Object.entries(want.nodes).flatMap(([name, node]) =>
    (["chainfire", "flaredb", "iam", "plasmavmc"] as const)
      .filter((service) => node.ports[service] !== undefined)
      .map((service) => ({ label: `${service} on ${name}`, url: `https://${node.address}:${node.ports[service]}` })),
  );
  const answers = await Promise.all(
    asked.map(async ({ label, url }) => ({
      label,
      ...(await probeHealth(url, { ca: want.ca, deadlineMs: 15_000, signal })),
    })),
  );
  return {
    endpoints: Object.fromEntries(answers.map(({ label, detail }) => [label, detail])),
    untimely: answers
      .filter(({ fault }) => fault?.kind === "expired" || fault?.kind === "not-yet-valid")
      .map(({ label }) => label),
  };
}
