import { z } from "zod";
import { type Answer, problem, type Question } from "../answer.js";
import { isHostPort, isNodeName } from "../cluster-configuration.js";
import { addMember, removeMember, transferLeadership } from "./changes.js";
import type { RaftGroup } from "./group.js";
import { answerKey } from "./keys.js";
import { leaderPointer } from "./leader-pointer.js";
import type { Replica } from "./replica.js";
import { askOthers, viewOf } from "./view.js";

const addition = z.object({ id: z.string().default(""), raft_addr: z.string().default("") });
const removal = z.object({ id: z.string().default("") });
const transfer = z.object({ to: z.string().default("") });
/** A change of members takes this long besides raft; simulated milliseconds. */
const CHANGE_MS = [10, 60] as const;
const JSON_LIMIT = 64 * 1024;

/** The admin and key-value API of one member, as contracts.md has it. */
export async function answerRaft(group: RaftGroup, replica: Replica, question: Question): Promise<Answer> {
  const { path, method, caller } = question;
  if (path === "/health")
    return ["GET", "HEAD"].includes(method) ? health(replica) : problem(405, "method not allowed");
  const route = path.startsWith("/v1/kv/") ? keys : ROUTES[path];
  if (route === undefined) return problem(404, "no such path");
  if (caller === undefined) return problem(401, "a client certificate is needed");
  if (!caller.allowed) return problem(403, `the certificate of ${caller.name} is neither the operator's nor a node's`);
  if (!route.methods.includes(method)) return problem(405, "method not allowed");
  if (replica.state !== "running") return problem(503, `not a running member: ${replica.state}`);
  return route.answer(group, replica, question);
}

/** What `GET /health` says: healthy only while it has a leader; a node that waits to be added is healthy, too. */
export function health(replica: Replica): Answer {
  if (replica.state === "waiting") {
    const lost = replica.dataLost ? { data: "lost" } : {};
    return { status: 200, body: { status: "healthy", state: "waiting", ...lost } };
  }
  if (replica.state !== "running") return { status: 503, body: { status: replica.state } };
  if (replica.leader === undefined) return { status: 503, body: { status: "no-leader" } };
  const state = replica.self?.voter !== true ? "learner" : replica.leads ? "leader" : "follower";
  return { status: 200, body: { status: "healthy", state } };
}

interface Route {
  methods: readonly string[];
  answer(group: RaftGroup, replica: Replica, question: Question): Answer | Promise<Answer>;
}

const keys: Route = { methods: ["GET", "PUT", "DELETE"], answer: answerKey };

const ROUTES: Record<string, Route | undefined> = {
  "/admin/cluster/members": {
    methods: ["GET"],
    answer: (group, replica, { query }) => {
      if (replica.founding || replica.self?.voter === true)
        return { status: 200, body: viewOf(replica, group.replicas, query.has("brief")) };
      const view = askOthers(replica, group.replicas);
      return view === undefined ? problem(503, "a learner, and no voter answers") : { status: 200, body: view };
    },
  },
  "/admin/member/progress": {
    methods: ["GET"],
    answer: (_, { leader, data }) => ({
      status: 200,
      body: { healthy: leader !== undefined, index: data.commit },
    }),
  },
  "/admin/member/add": change(addition, (group, leader, { id, raft_addr }) =>
    isNodeName(id) && isHostPort(raft_addr)
      ? addMember(group, leader, id, raft_addr)
      : problem(400, "id must be a host label and raft_addr host:port"),
  ),
  "/admin/member/remove": change(removal, (group, leader, { id }) => removeMember(group, leader, id)),
  "/admin/leader/transfer": change(transfer, (group, leader, { to }) => transferLeadership(group, leader, to)),
};

/** Only the leader does it; the others tell who leads. */
function change<T>(
  schema: z.ZodType<T>,
  perform: (group: RaftGroup, leader: Replica, wish: T) => Answer | Promise<Answer>,
): Route {
  return {
    methods: ["POST"],
    answer: async (group, replica, { body }) => {
      await group.clock.sleep(replica.random.between(...CHANGE_MS));
      if (replica.leader === undefined) return problem(503, "there is no leader");
      if (!replica.leads) return leaderPointer(group, replica, 421);
      const wish = schema.safeParse(parsed(body));
      if (!wish.success) return problem(400, `body: ${wish.error.issues[0]?.message ?? "not as expected"}`);
      return replica.oneChange(() => perform(group, replica, wish.data));
    },
  };
}

function parsed(body: Buffer): unknown {
  try {
    return JSON.parse(body.subarray(0, JSON_LIMIT).toString());
  } catch {
    return undefined;
  }
}
