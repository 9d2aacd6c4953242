import { listens } from "../../drivers/health/listens.js";
import { probeHealth } from "../../drivers/health/probe.js";
import { isFlintError } from "../../foundation/errors.js";
import { waitUntil } from "../../foundation/wait.js";
import type { NodeContext } from "./context.js";
import { askMembers, type MembersUser } from "./living-cluster.js";
import type { Serving } from "./living-machine.js";
import type { Observation } from "./observe.js";
import type { NodeInputs } from "./schema.js";

/** As long as ssh has for it: most machines that are asked have nothing that could answer. */
const CONNECT_MS = 2_500;
/** Something listens there: a busy machine takes seconds for a TLS handshake. */
const ANSWER_MS = 5_000;
/** A system that starts may serve before its sshd does, and one that shuts down after it. */
const SETTLES_MS = 10_000;

/** Whose services are asked. */
type ServicesUser = MembersUser & { want: Pick<NodeInputs, "services"> };

/**
 * Looks at a machine that is about to be booted, once more: where nobody remembers it, and its ssh does not answer, only its
 * services tell a member that lives from an empty machine. One that is off serves nothing.
 */
export async function lookForLife(
  node: NodeContext,
  first: Observation,
  look: () => Promise<Observation>,
): Promise<Observation> {
  let last = await withLifeSigns(node, first);
  if (last.seen.serves.length === 0) return last;
  node.say("its services answer, its ssh does not: looking again");
  const settled = async () => {
    last = await withLifeSigns(node, await look());
    return last.seen.serves.length === 0;
  };
  await waitUntil(settled, {
    reason: `ssh of ${node.want.name} to answer, or its services to end`,
    deadlineMs: SETTLES_MS,
    // What it sees last decides; and it follows a switch that it finds at work to its end, which takes minutes.
    lastLookMs: Number.POSITIVE_INFINITY,
    intervalMs: 1_000,
    signal: node.signal,
    remedy: "",
  }).catch((error: unknown) => {
    if (!isFlintError(error, "WAIT_TIMEOUT")) throw error;
  });
  return last;
}

async function withLifeSigns(node: NodeContext, looked: Observation): Promise<Observation> {
  const { seen } = looked;
  if (seen.power === "off" || seen.system.state === "running") return looked;
  return { ...looked, seen: { ...seen, serves: await lifeSigns(node) } };
}

/** What serves on the machine, by its services' own ports; where none is open, by what their other members say. Reads only. */
export async function lifeSigns(node: ServicesUser): Promise<Serving[]> {
  const { raft, services, name } = node.want;
  const urls = { chainfire: raft?.chainfire[name], flaredb: raft?.flaredb[name], ...services };
  const own = Object.entries(urls).map(([service, url]) => (url === undefined ? undefined : ask(node, service, url)));
  const others = (["chainfire", "flaredb"] as const).map(async (service): Promise<Serving | undefined> => {
    const members = (await askMembers(node, service))?.members ?? [];
    const healthy = members.some((member) => member.id === name && member.healthy === true);
    return healthy ? { service, listed: "healthy" } : undefined;
  });
  const [serving, listed] = await Promise.all([Promise.all(own), Promise.all(others)]);
  const found = serving.filter((sign) => sign !== undefined);
  return found.length > 0 ? found : listed.filter((sign) => sign !== undefined);
}

async function ask({ want, signal }: ServicesUser, service: string, url: string): Promise<Serving | undefined> {
  if (!(await listens(url, { deadlineMs: CONNECT_MS, signal }))) return undefined;
  const { detail } = await probeHealth(url, { ca: want.ca, deadlineMs: ANSWER_MS, signal });
  return { service, url, answer: detail };
}
