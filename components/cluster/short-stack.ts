/**
 * Runs `work` without the stack traces that the SDK takes with each resource registered in it. It stores one with the resource
 * in the state: 0.7 KB of frames inside Flint and the SDK only. What a user looks for, the line that made the cluster, is the
 * component's own. Others it keeps with each promise, for a message about promises that never settle; a cluster has hundreds,
 * and where ts-node is loaded each frame is looked up in source maps.
 *
 * The SDK reads the text of `new Error().stack` in two functions; only that text is made empty. Under other names it would be
 * as long again, and nothing else would change. Errors keep theirs.
 */
export function withoutStackTraces<T>(work: () => T): T {
  const format = Error.prepareStackTrace;
  Error.prepareStackTrace = (error, frames) => {
    if (SDK_TAKES.test(frames[0]?.getFunctionName() ?? "")) return String(error);
    return format?.(error, frames) ?? [error, ...frames].join("\n    at ");
  };
  try {
    return work();
  } finally {
    Error.prepareStackTrace = format;
  }
}

const SDK_TAKES = /(^|\.)(callsites|debuggablePromise)$/;
