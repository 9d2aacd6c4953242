import { isFlintError } from "../../foundation/errors.js";
import type { RaftCalls } from "./calls.js";
import type { Condition } from "./driver.js";
import { NotSent } from "./http.js";
import { health } from "./schema.js";

/** True for 200 and healthy, false for any other answer, undefined for none. @throws FlintError `RAFT_CERTIFICATE`. */
export async function askHealth(calls: RaftCalls, id: string, deadlineMs: number): Promise<boolean | undefined> {
  const condition = await ask(calls, id, deadlineMs);
  if (condition === "silent") return undefined;
  return condition === "healthy" || condition === "waiting" || condition === "data-lost";
}

/** What a member says of itself; a certificate that does not verify is an answer, too. */
export async function askCondition(calls: RaftCalls, id: string, deadlineMs: number): Promise<Condition> {
  try {
    return await ask(calls, id, deadlineMs);
  } catch (error) {
    if (isFlintError(error, "RAFT_CERTIFICATE")) return "untrusted";
    throw error;
  }
}

/** Asked of the member itself, without following anyone: another member's answer would say nothing. */
async function ask(calls: RaftCalls, id: string, deadlineMs: number): Promise<Condition> {
  try {
    const answer = await calls.single(id, "/health", { method: "GET", what: "its health" }, deadlineMs);
    return conditionOf(answer.status, answer.body);
  } catch (error) {
    if (error instanceof NotSent || isFlintError(error, "RAFT_ANSWER_LOST")) return "silent";
    // Not the service, or not one that we understand: it is there, and that is all.
    if (isFlintError(error, "RAFT_ANSWER")) return "unhealthy";
    throw error;
  }
}

function conditionOf(status: number, body: unknown): Condition {
  const said = health.safeParse(body).data;
  if (status === 200 && said?.status === "healthy") {
    if (said.state !== "waiting") return "healthy";
    return said.data === "lost" ? "data-lost" : "waiting";
  }
  if (status === 503 && said?.status === "removed") return "removed";
  return status === 503 && said?.status === "no-leader" ? "no-leader" : "unhealthy";
}
