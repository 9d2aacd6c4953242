import { type Answer, problem, type Question } from "../answer.js";
import type { RaftGroup } from "./group.js";
import { leaderPointer } from "./leader-pointer.js";
import type { Replica } from "./replica.js";

const PREFIX = "/v1/kv/";
const VALUE_LIMIT = 1024 * 1024;
/** A write or a read takes this long besides raft; simulated milliseconds. */
const KEY_MS = [2, 20] as const;

/** Reads, writes and deletes one key, linearisably. Learners send to the leader. */
export async function answerKey(group: RaftGroup, replica: Replica, question: Question): Promise<Answer> {
  const { method, body, rawPath } = question;
  const key = question.path.slice(PREFIX.length);
  if (key === "") return problem(400, "the key is missing");
  await group.clock.sleep(replica.random.between(...KEY_MS));
  if (replica.self?.voter === false) return leaderPointer(group, replica, 307, rawPath);
  if (method === "GET") {
    const found = await group.read(replica, key);
    if ("refused" in found) return problem(503, found.refused);
    if (found.value === undefined) return problem(404, "no such key");
    return { status: 200, headers: { "Content-Type": "application/octet-stream" }, body: found.value };
  }
  if (method === "PUT") {
    if (body.length > VALUE_LIMIT) return problem(413, "http: request body too large");
    const refused = await group.propose(replica, { kind: "put", key, value: body });
    return refused === undefined ? { status: 200, body: { key } } : problem(503, refused);
  }
  const there = await group.read(replica, key);
  const refused = "refused" in there ? there.refused : await group.propose(replica, { kind: "delete", key });
  if (refused !== undefined) return problem(503, refused);
  return { status: 200, body: { key, deleted: "value" in there && there.value !== undefined } };
}
