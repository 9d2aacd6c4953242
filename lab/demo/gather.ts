import { randomBytes } from "node:crypto";
import { text } from "node:stream/consumers";
import { z } from "zod";
import { probeHealth } from "../../drivers/health/probe.js";
import { openRaft } from "../../drivers/raft/client.js";
import type { RaftService } from "../../drivers/raft/driver.js";

/** What the stack says of its cluster (`pulumi stack output --json --show-secrets`). */
const stackSchema = z.object({
  clusterInfo: z.object({
    name: z.string(),
    endpoints: z.record(z.enum(["chainfire", "flaredb", "iam", "plasmavmc"]), z.array(z.string())),
    ca: z.string(),
    clientCert: z.string(),
    clientKey: z.string(),
  }),
  members: z.record(z.string(), z.object({ addresses: z.object({ provisioning: z.string() }) })),
});
type Stack = z.infer<typeof stackSchema>;

/** A cluster as it is right now, asked directly: nothing here comes from Pulumi's state but addresses and certificates. */
export const sightSchema = z.object({
  raft: z.array(
    z.object({
      service: z.string(),
      leader: z.string(),
      members: z.array(
        z.object({ id: z.string(), raft_addr: z.string(), role: z.string(), raft_id: z.string().optional() }),
      ),
      /** Where the value was written, and for each other member what came back. */
      writtenOn: z.string(),
      readBack: z.record(z.string(), z.boolean()),
    }),
  ),
  /** Service → node → answer of its health endpoint. */
  health: z.record(z.string(), z.record(z.string(), z.string())),
});
export type Sight = z.infer<typeof sightSchema>;

export async function gather(stack: Stack): Promise<Sight> {
  const { endpoints } = stack.clusterInfo;
  const [chainfire, flaredb, health] = await Promise.all([
    lookAtRaft(stack, "chainfire"),
    lookAtRaft(stack, "flaredb"),
    Promise.all(
      Object.entries(endpoints).map(async ([service, urls]) => {
        const answers = await Promise.all(
          urls.map(async (url) => {
            const { detail } = await probeHealth(url, { ca: stack.clusterInfo.ca, deadlineMs: 15_000 });
            return [nodeAt(stack, url), detail] as const;
          }),
        );
        return [service, Object.fromEntries(answers)] as const;
      }),
    ),
  ]);
  return { raft: [chainfire, flaredb], health: Object.fromEntries(health) };
}

async function lookAtRaft(stack: Stack, service: RaftService): Promise<Sight["raft"][number]> {
  const { name: cluster, endpoints, ca, clientCert, clientKey } = stack.clusterInfo;
  const urls = Object.fromEntries(endpoints[service].map((url) => [nodeAt(stack, url), url]));
  const client = openRaft({ cluster, service, urls, ca, clientCert, clientKey });
  try {
    const membership = await client.members(15_000);
    const [writtenOn = "", ...others] = Object.keys(urls);
    const key = `flint/demo/${randomBytes(4).toString("hex")}`;
    const value = randomBytes(8).toString("hex");
    const wrote = await client.put(key, value, writtenOn).then(
      () => true,
      () => false,
    );
    const readBack = await Promise.all(
      others.map(async (id) => [id, wrote && (await client.get(key, id).catch(() => undefined)) === value] as const),
    );
    if (wrote) await client.deleteKey(key).catch(() => {});
    return {
      service,
      leader: membership?.leader ?? "none",
      members: (membership?.members ?? []).map(({ id, raft_addr, role, raft_id }) => ({
        id,
        raft_addr,
        role,
        raft_id,
      })),
      writtenOn: wrote ? writtenOn : "nowhere",
      readBack: Object.fromEntries(readBack),
    };
  } finally {
    await client.close();
  }
}

function nodeAt(stack: Stack, url: string): string {
  const host = new URL(url).hostname;
  const found = Object.entries(stack.members).find(([, member]) => member.addresses.provisioning === host);
  return found?.[0] ?? host;
}

if (require.main === module) {
  text(process.stdin)
    .then((json) => gather(stackSchema.parse(JSON.parse(json))))
    .then((sight) => process.stdout.write(`${JSON.stringify(sight)}\n`))
    .catch((error: unknown) => {
      process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
      process.exitCode = 1;
    });
}
