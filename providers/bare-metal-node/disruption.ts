import { openRaft } from "../../drivers/raft/client.js";
import type { Membership, RaftService } from "../../drivers/raft/driver.js";
import type { SshSession } from "../../drivers/ssh/target.js";
import { waitUntil } from "../../foundation/wait.js";
import { inTurn } from "../runtime/fleet.js";
import type { NodeContext } from "./context.js";
import { comesBackAlone, expiredSince } from "./expired.js";
import { type Restart, refuseLosingQuorum, refuseWithoutAnswer } from "./quorum.js";
import type { NodeInputs } from "./schema.js";

/** Services that were restarted a moment ago, and elections, have this long until nobody's answer is taken for none. */
const ANSWER_MS = 60_000;

type Client = ReturnType<typeof openRaft>;

/** Whose raft services are asked, with its own certificate. */
export interface RaftUser {
  want: Pick<NodeInputs, "name" | "cluster" | "raft" | "ca" | "cert" | "material">;
}

/**
 * One disruption per cluster: the next machine waits until this one is back. No member joins or leaves meanwhile
 * either; those take the turns of their own service only, so that nobody waits in a circle.
 */
export function oneAtATime<T>(node: NodeContext, work: () => Promise<T>): Promise<T> {
  const { cluster } = node.want;
  const scopes = [cluster, `${cluster} chainfire`, `${cluster} flaredb`];
  return scopes.reduceRight<() => Promise<T>>(
    (inner, scope) => () =>
      inTurn("membership", inner, {
        scope,
        signal: node.signal,
        onWait: (ahead) => node.say(`waiting for ${ahead} other disruptive changes`),
      }),
    work,
  )();
}

/**
 * Asks the live cluster whether this machine may be restarted now. Services whose own certificate has expired may be.
 * @returns the services in which it votes, and which are healthy again after the restart.
 * @throws FlintError `QUORUM_AT_RISK`, or `QUORUM_UNKNOWN` when it has voted and nobody answers.
 */
export async function askQuorum(node: NodeContext, what: Restart): Promise<RaftService[]> {
  const { name } = node.want;
  const votes: RaftService[] = [];
  await withRaft(node, async (client, service) => {
    const since = what === "services" ? await expiredOf(node, service) : undefined;
    if (since !== undefined) {
      const warn = (text: string) => node.run.warn(text);
      if (await comesBackAlone(client, { node: name, service, since }, { signal: node.signal, warn }))
        votes.push(service);
      return;
    }
    const membership = await membersOf(node, client, service);
    if (membership === undefined) return;
    const pause = refuseLosingQuorum(service, name, membership, what);
    if (pause !== undefined) node.run.warn(pause);
    if (membership.members.some((each) => each.id === name && each.role !== "learner")) votes.push(service);
  });
  return votes;
}

/** When this machine's own certificate has expired, by the clock here and by its own. */
async function expiredOf(node: NodeContext, service: RaftService): Promise<Date | undefined> {
  const { raft, name, ca } = node.want;
  const url = raft?.[service][name];
  if (url === undefined) return undefined;
  const clock = async () => {
    const session = await node.system();
    const { stdout } = await session.exec(["date", "+%s"], { deadlineMs: 30_000, signal: node.signal });
    return new Date(Number(stdout) * 1000);
  };
  return expiredSince(url, { ca, signal: node.signal, clock });
}

/** What a leader tells; undefined when there is none, and this machine has never voted: then nobody can miss it. */
async function membersOf(node: NodeContext, client: Client, service: RaftService): Promise<Membership | undefined> {
  const { name } = node.want;
  const first = await client.members(10_000);
  if (first?.leader !== undefined || !(await hasVoted(node, service))) return first;
  return waitUntil(
    async () => {
      node.say(`waiting for ${service}, whose members say whether ${name} may be restarted`);
      const next = await client.members(10_000);
      return next?.leader === undefined ? undefined : next;
    },
    {
      reason: `a leader of ${service}`,
      deadlineMs: ANSWER_MS,
      intervalMs: 1000,
      maxIntervalMs: 5000,
      signal: node.signal,
      remedy: "",
    },
  ).catch((error: unknown) => {
    node.signal.throwIfAborted();
    throw refuseWithoutAnswer(service, name, error);
  });
}

/** Whose running system is asked. */
export interface VoteKeeper extends Pick<NodeContext, "signal"> {
  system(): Promise<Pick<SshSession, "exec">>;
}

/** The mark that the node's own first-boot unit leaves once the leader has listed it as a voter. */
export async function hasVoted(node: VoteKeeper, service: RaftService): Promise<boolean> {
  const session = await node.system();
  const mark = `/var/lib/flint/.${service}-joined`;
  const { code } = await session.exec(["test", "-e", mark], {
    okCodes: [0, 1],
    deadlineMs: 30_000,
    signal: node.signal,
  });
  return code === 0;
}

/** The services in which this machine has voted, by what it keeps of that itself. */
export async function votesOf(node: NodeContext): Promise<RaftService[]> {
  if (node.want.raft === undefined) return [];
  const services = ["chainfire", "flaredb"] as const;
  const voted = await Promise.all(services.map((service) => hasVoted(node, service)));
  return services.filter((_service, at) => voted[at]);
}

/** After a voter was restarted: the next disruption waits until this one is healthy again. */
export async function awaitVoter(node: NodeContext, votes: RaftService[]): Promise<void> {
  await withRaft(node, async (client, service) => {
    if (!votes.includes(service)) return;
    await waitUntil(async () => (await client.health(node.want.name, 3000)) === true || undefined, {
      reason: `${service} on ${node.want.name} to be healthy again`,
      subject: node.want.name,
      code: "SERVICE_UNHEALTHY",
      deadlineMs: node.want.deadlines.firstBoot * 1000,
      signal: node.signal,
      remedy: `See \`journalctl -u ${service}\` on ${node.want.name}.`,
    });
  });
}

async function withRaft(
  node: NodeContext,
  work: (client: Client, service: RaftService) => Promise<void>,
): Promise<void> {
  for (const service of ["chainfire", "flaredb"] as const) {
    const client = raftOf(node, service);
    if (client === undefined) return;
    try {
      await work(client, service);
    } finally {
      await client.close();
    }
  }
}

/** A client of the service's members, with the machine's own certificate; undefined for machines that do not vote. */
export function raftOf({ want }: RaftUser, service: RaftService): Client | undefined {
  const { raft, cluster, ca, cert, material } = want;
  if (raft === undefined) return undefined;
  return openRaft({ cluster, service, urls: raft[service], ca, clientCert: cert, clientKey: material.key });
}
