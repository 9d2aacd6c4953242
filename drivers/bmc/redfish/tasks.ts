import { setTimeout as sleep } from "node:timers/promises";
import { locationOf, type RedfishClient, retryAfterMs } from "./client.js";
import { refused } from "./errors.js";
import type { HttpAnswer } from "./http.js";
import { pathOf } from "./links.js";
import { type Message, refusalText, textOfMessage } from "./messages.js";
import { task } from "./schema.js";

const RUNNING = [
  "New",
  "Starting",
  "Running",
  "Pending",
  "Suspended",
  "Stopping",
  "Service",
  "Cancelling",
  "Suspending",
];
const FAILED = ["Exception", "Killed", "Cancelled", "Interrupted"];
const DEFAULT_PAUSE_MS = 1_000;

/**
 * Follows a 202 answer's monitor until the operation has ended (DSP0266, "Asynchronous operations"). Any other answer
 * is its own end.
 * @throws FlintError `BMC_REFUSED` with what the task says when it failed.
 */
export async function finished(
  client: RedfishClient,
  what: string,
  answer: HttpAnswer,
  signal: AbortSignal,
): Promise<void> {
  const monitor = answer.status === 202 ? (locationOf(answer) ?? taskOf(answer)) : undefined;
  let last = answer;
  for (;;) {
    if (last.status === 404 && last !== answer) return; // some services forget a task as soon as it is done
    if (last.status >= 400) throw refused(client.bmc, what, refusalText(last.status, last.body));
    const seen = task.safeParse(last.body);
    if (seen.success && FAILED.includes(seen.data.TaskState))
      throw refused(client.bmc, what, `task ${seen.data.TaskState}: ${textOf(seen.data.Messages)}`);
    const running = last.status === 202 || (seen.success && RUNNING.includes(seen.data.TaskState));
    if (monitor === undefined || !running) return;
    await sleep(retryAfterMs(last) ?? DEFAULT_PAUSE_MS, undefined, { signal }).catch(() => signal.throwIfAborted());
    last = await client.repeatable({ method: "GET", path: monitor, signal });
  }
}

/** A service that names no monitor may have answered with the task itself. */
function taskOf({ body, path }: HttpAnswer): string | undefined {
  const id = task.safeParse(body).data?.["@odata.id"];
  return id === undefined ? undefined : pathOf(id, path);
}

function textOf(messages: readonly Message[] | undefined): string {
  const texts = (messages ?? []).map(textOfMessage).filter((text) => text !== "");
  return texts.join(" ") || "no message";
}
