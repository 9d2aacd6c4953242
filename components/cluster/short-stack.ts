/**
 * Runs `work` without the stack traces that the SDK stores with each resource registered in it: 0.7 KB a resource, of
 * frames inside Flint and the SDK only. What a user looks for, the line that made the cluster, is the component's own.
 *
 * The SDK reads the text of `new Error().stack` in a function `callsites`; only that text is made empty. Under another
 * name it would be as long again, and nothing else would change.
 */
export function withoutStackTraces<T>(work: () => T): T {
  const format = Error.prepareStackTrace;
  Error.prepareStackTrace = (error, frames) => {
    if (frames[0]?.getFunctionName()?.endsWith("callsites")) return String(error);
    return format?.(error, frames) ?? [error, ...frames].join("\n    at ");
  };
  try {
    return work();
  } finally {
    Error.prepareStackTrace = format;
  }
}
