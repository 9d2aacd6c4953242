import { endProcess } from "../../foundation/end-process.js";
import { engineAddress, watchCalls, watchEngine } from "./engine-watch.js";

/** An operation that does not end by itself this long after a cancel is given up: Ctrl-C ends within 5 s. */
const GRACE_MS = 3_500;

const CANCEL = "/pulumirpc.ResourceProvider/Cancel";
const GONE = "the engine is gone";

const controller = new AbortController();
/** Fires once, for every operation of this process. */
export const cancelSignal: AbortSignal = controller.signal;
const inFlight = new Set<Promise<unknown>>();
let why = "cancelled";

/** True once the user, the system or the engine's end asked this process to stop. */
export function isCancelled(): boolean {
  return controller.signal.aborted;
}

/** What the user reads about an operation that was cut short. */
export function cancelMessage(id: string): string {
  return `${id}: ${why} before it was finished. Run the same command again: it continues from here.`;
}

/** Stops everything in flight. Not to be undone: the provider process lives as long as one engine run. */
export function cancel(reason: string): void {
  if (isCancelled()) return;
  why = reason;
  controller.abort(new Error(reason));
}

/**
 * Runs one operation of the engine. After a cancel the operation has a few seconds to end by itself (it sees the
 * signal); then it fails without waiting for it any longer. @param graceMs 0 for what only looks: nothing of it is to be kept.
 */
export async function underCancel<T>(work: () => Promise<T>, graceMs = GRACE_MS): Promise<T> {
  controller.signal.throwIfAborted();
  const running = work();
  inFlight.add(running);
  let timer: NodeJS.Timeout | undefined;
  let giveUp = () => {};
  const givenUp = new Promise<never>((_, reject) => {
    giveUp = () => {
      timer = setTimeout(() => reject(controller.signal.reason), graceMs);
    };
    controller.signal.addEventListener("abort", giveUp, { once: true });
  });
  try {
    return await Promise.race([running, givenUp]);
  } finally {
    controller.signal.removeEventListener("abort", giveUp);
    clearTimeout(timer);
    inFlight.delete(running);
  }
}

// The provider host acknowledges the engine's Cancel call and does nothing. The call itself is visible.
watchCalls(
  (path) => {
    if (path === CANCEL) cancel("cancelled");
  },
  () => {
    // With work under way the engine keeps its connection.
    if (inFlight.size > 0) leave(GONE, 1);
  },
);

/** Aborts, lets operations in flight end, and ends the process. */
function leave(reason: string, code: number): void {
  cancel(reason);
  const end = () => endProcess(code);
  setTimeout(end, GRACE_MS + 1_000).unref();
  // A moment more, so that the failure still reaches an engine that is there.
  void Promise.allSettled(inFlight).then(() => setTimeout(end, 1_000).unref());
}

// Only in a provider host: a test process or a library user's own process keeps its signals, and its life.
if (process.argv[1]?.includes("dynamic-provider")) {
  process.once("SIGTERM", () => leave("terminated", 143));
  const engine = engineAddress();
  if (engine !== undefined) watchEngine(engine, () => leave(GONE, 1));
}
