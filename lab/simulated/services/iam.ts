import { type Answer, problem, type Question } from "./answer.js";
import { health } from "./raft/api.js";
import type { RaftGroup } from "./raft/group.js";
import { answerKey } from "./raft/keys.js";
import type { Replica } from "./raft/replica.js";

/** The key of the note that IAM is set up. */
export const SETUP_KEY = "iam/initial-setup";

/** Reads or writes the note through this node's FlareDB; a learner's word is the leader's. */
export async function setupNote(group: RaftGroup, flaredb: Replica, write?: object): Promise<Answer> {
  const path = `/v1/kv/${SETUP_KEY}`;
  const body = Buffer.from(write === undefined ? "" : JSON.stringify(write));
  const method = write === undefined ? "GET" : "PUT";
  const question: Question = { method, path, rawPath: path, query: new URLSearchParams(), body, caller: undefined };
  if (flaredb.state !== "running") return problem(503, `not a running member: ${flaredb.state}`);
  const answer = await answerKey(group, flaredb, question);
  if (answer.status !== 307) return answer;
  const leader = group.replicas.leaderOf(flaredb);
  return leader === undefined ? problem(503, "there is no leader") : answerKey(group, leader, question);
}

/** IAM of one node: healthy while the FlareDB of its node is, once it was set up. */
export class Iam {
  private setUp = false;

  /** @param flaredb The node's own, while it runs. */
  constructor(
    private readonly group: RaftGroup,
    private readonly flaredb: () => Replica | undefined,
  ) {}

  async status(): Promise<string> {
    const flaredb = this.flaredb();
    if (flaredb === undefined || health(flaredb).status !== 200) return "flaredb-unhealthy";
    if (this.setUp) return "healthy";
    const { status } = await setupNote(this.group, flaredb);
    if (status === 404) return "not-set-up";
    if (status !== 200) return "flaredb-unreadable";
    this.setUp = true;
    return "healthy";
  }
}

/** Health is all that IAM and PlasmaVMC answer. */
export async function answerHealth({ path, method }: Question, status: () => Promise<string>): Promise<Answer> {
  if (path !== "/health") return problem(404, "no such path");
  if (!["GET", "HEAD"].includes(method)) return problem(405, "method not allowed");
  const said = await status();
  return { status: said === "healthy" ? 200 : 503, body: { status: said } };
}
