import { isFlintError } from "../../foundation/errors.js";
import { cancelMessage, isCancelled } from "./cancel.js";
import { lineOf } from "./progress.js";
import { sanitise } from "./sanitise.js";

/** Output that names the operation that did not finish. Its presence makes the next diff say "changes". */
export const PENDING = "pending";

/**
 * What a failed operation throws to the provider host. With `kept`, the engine stores those outputs, marks the resource
 * as not finished, and calls update on the next run; without, the state stays as it was.
 */
export function failure(error: unknown, id: string, kept: object | undefined, inputs: Record<string, unknown>): Error {
  const message = isCancelled() && !isFlintError(error) ? cancelMessage(id) : lineOf(error);
  const thrown = new Error(message);
  // The host prints `${error}: ${error.stack}` for some operations: the message once is enough for a reader.
  thrown.stack = "";
  thrown.name = "";
  if (kept === undefined) return thrown;
  // All three are needed, and `__provider` among the properties, or nothing is saved.
  return Object.assign(thrown, {
    id,
    reasons: [message],
    properties: { ...sanitise(kept), __provider: inputs.__provider },
  });
}
