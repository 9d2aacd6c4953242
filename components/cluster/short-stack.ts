import { whileRegistering } from "./while-registering.js";

/** What V8 used before. */
let formatBefore: typeof Error.prepareStackTrace;

const withoutFormatted = whileRegistering(
  () => {
    formatBefore = Error.prepareStackTrace;
    Error.prepareStackTrace = withoutTheSdks;
  },
  () => {
    // Whoever has put another one in place since then keeps it.
    if (Error.prepareStackTrace === withoutTheSdks) Error.prepareStackTrace = formatBefore;
  },
);

/**
 * Runs `work` without the stack traces that the SDK takes with each resource registered in it, and goes on without them until
 * `registered` settles: the SDK registers in the background. It stores one with the resource in the state: 0.7 KB of frames
 * inside Flint and the SDK only. What a user looks for, the line that made the cluster, is the component's own. Others it keeps
 * with each promise, for a message about promises that never settle; a cluster has thousands, and each frame is looked up in
 * source maps.
 *
 * The SDK reads the text of `new Error().stack` in two functions; only that text is made empty. Under other names it would be
 * as long again, and nothing else would change. Errors keep theirs; one that `work` itself makes has its first frame only, because
 * V8 looks for the others before anybody can say that they are not wanted: a fifteenth of what a preview of 300 machines takes.
 */
export function withoutStackTraces<T>(work: () => T, registered?: (result: T) => PromiseLike<unknown>): T {
  return withoutFormatted(() => withOneFrame(work), registered);
}

function withOneFrame<T>(work: () => T): T {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 1;
  try {
    return work();
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}

function withoutTheSdks(error: Error, frames: NodeJS.CallSite[]): unknown {
  if (SDK_TAKES.test(frames[0]?.getFunctionName() ?? "")) return String(error);
  return formatBefore?.(error, frames) ?? [error, ...frames].join("\n    at ");
}

const SDK_TAKES = /(^|\.)(callsites|debuggablePromise)$/;
