import { RaftCalls } from "./calls.js";
import { askCondition, askHealth } from "./condition.js";
import type { AddOutcome, RaftClient, RaftEndpoints } from "./driver.js";
import { addressConflict } from "./errors.js";
import { type Answer, type Call, NotSent } from "./http.js";
import { askMembers } from "./members.js";
import { refusal } from "./schema.js";

const DEFAULT_MS = 10_000;
/** A change of members is a log entry that a majority must store, on disks that may be busy with an installation. */
const CHANGE_MS = 30_000;

/** The admin and key-value API of a raft service. Nothing is sent before the first call. */
export function openRaft(endpoints: RaftEndpoints): RaftClient {
  const calls = new RaftCalls(endpoints);

  const change = async (path: string, json: object, what: string, deadlineMs: number, ok: readonly number[]) => {
    const call: Call = { method: "POST", body: { json }, what };
    const answer = await calls.anywhere(path, call, deadlineMs);
    if (answer.status >= 300 && !ok.includes(answer.status)) throw calls.refuse(call, answer);
    return answer;
  };

  const keyed = async (key: string, call: Call, via: string | undefined): Promise<Answer> => {
    const path = `/v1/kv/${key.split("/").map(encodeURIComponent).join("/")}`;
    if (via === undefined) return calls.anywhere(path, call, DEFAULT_MS);
    return call.method === "GET" ? calls.patiently(via, path, call, DEFAULT_MS) : calls.at(via, path, call, DEFAULT_MS);
  };

  return {
    health: (id, deadlineMs = 5_000) => askHealth(calls, id, deadlineMs),
    condition: (id, deadlineMs = 5_000) => askCondition(calls, id, deadlineMs),
    members: (deadlineMs = DEFAULT_MS) => askMembers(calls, deadlineMs),

    async add(member, deadlineMs = CHANGE_MS) {
      const { id, raft_addr } = member;
      const answer = await change("/admin/member/add", { id, raft_addr }, `adding ${id}`, deadlineMs, [409]);
      return answer.status === 409 ? alreadyMember(calls, member, answer, deadlineMs) : "added";
    },

    async remove(id, deadlineMs = CHANGE_MS) {
      const answer = await change("/admin/member/remove", { id }, `removing ${id}`, deadlineMs, [404]);
      return answer.status === 404 ? "not-a-member" : "removed";
    },

    async transferLeader(to, deadlineMs = CHANGE_MS) {
      const what = `handing leadership to ${to}`;
      const answer = await change("/admin/leader/transfer", { to }, what, deadlineMs, [404, 405]);
      if (answer.status >= 300) return false;
      calls.noteLeader(to);
      return true;
    },

    async put(key, value, via) {
      const call: Call = { method: "PUT", body: { text: value }, what: `writing ${key}` };
      const answer = await keyed(key, call, via).catch(told(calls, via));
      if (answer.status >= 300) throw calls.refuse(call, answer);
    },

    async get(key, via) {
      const call: Call = { method: "GET", what: `reading ${key}` };
      const answer = await calls.safely(() => keyed(key, call, via).catch(told(calls, via)), DEFAULT_MS);
      if (answer.status === 404) return undefined;
      if (answer.status !== 200) throw calls.refuse(call, answer);
      return answer.text;
    },

    async deleteKey(key, via) {
      const call: Call = { method: "DELETE", what: `deleting ${key}` };
      const answer = await keyed(key, call, via).catch(told(calls, via));
      if (answer.status >= 300 && answer.status !== 404) throw calls.refuse(call, answer);
    },

    close: () => calls.close().catch(() => {}),
  };
}

/** A member that was named by the caller and cannot be reached is an error of its own, not a reason to ask another. */
function told(calls: RaftCalls, via: string | undefined): (error: unknown) => never {
  return (error) => {
    throw error instanceof NotSent ? calls.unreachable(`${via} → ${error.message}`, error) : error;
  };
}

/** 409: success when it is the same member at the same address. A service that does not say whose address is asked. */
async function alreadyMember(
  calls: RaftCalls,
  wanted: { id: string; raft_addr: string },
  answer: Answer,
  deadlineMs: number,
): Promise<AddOutcome> {
  const said = refusal.safeParse(answer.body).data;
  const found =
    said?.raft_addr !== undefined
      ? { id: said.id ?? wanted.id, raft_addr: said.raft_addr }
      : (await askMembers(calls, deadlineMs))?.members.find(
          ({ id, raft_addr }) => id === wanted.id || raft_addr === wanted.raft_addr,
        );
  if (found === undefined) throw calls.refuse({ method: "POST", what: `adding ${wanted.id}` }, answer);
  if (found.id === wanted.id && found.raft_addr === wanted.raft_addr) return "already-member";
  throw addressConflict(calls.endpoints, wanted, found);
}
