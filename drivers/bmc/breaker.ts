import type { CircuitBreakerPolicy } from "cockatiel";
import { FlintError, isFlintError } from "../../foundation/errors.js";

/** Calls in a row that a BMC leaves unanswered, each after all its repetitions, until it is left alone … */
const SILENT_CALLS = 2;
/** … for so many milliseconds; then one call asks how it is. */
const REST_MS = 15_000;

interface Breaker {
  policy: CircuitBreakerPolicy;
  last: FlintError | undefined;
}

/** By BMC, for the life of this process: one may serve the machines of a whole chassis. */
const breakers = new Map<string, Promise<Breaker>>();

/** No answer at all, or none in time. */
export const isSilence = (error: FlintError): boolean =>
  error.code === "BMC_UNREACHABLE" || error.code === "BMC_TIMEOUT";

/**
 * Runs one call to a BMC. A frozen one makes each of its machines wait for a minute: after two such calls in a row the others
 * are told at once.
 * @param key The BMC's address.
 * @param isSilence True for an error by which the BMC said nothing; any other one is an answer.
 * @throws FlintError `BMC_FROZEN` without having asked.
 */
export async function whileAnswering<T>(
  { key, subject }: { key: string; subject: string },
  work: () => Promise<T>,
  isSilence: (error: FlintError) => boolean,
): Promise<T> {
  const making = breakers.get(key) ?? makeBreaker();
  breakers.set(key, making);
  const breaker = await making;
  const { BrokenCircuitError } = await import("cockatiel");
  try {
    const result = await breaker.policy.execute(() =>
      work().then(
        (value) => ({ value }),
        (error: unknown) => {
          if (!isFlintError(error) || !isSilence(error)) return { error };
          breaker.last = error;
          throw error;
        },
      ),
    );
    if ("error" in result) throw result.error;
    return result.value;
  } catch (error) {
    throw error instanceof BrokenCircuitError ? frozen(subject, breaker.last) : error;
  }
}

async function makeBreaker(): Promise<Breaker> {
  const { circuitBreaker, ConsecutiveBreaker, handleAll } = await import("cockatiel");
  const policy = circuitBreaker(handleAll, { halfOpenAfter: REST_MS, breaker: new ConsecutiveBreaker(SILENT_CALLS) });
  return { policy, last: undefined };
}

function frozen(subject: string, last: FlintError | undefined): FlintError {
  return new FlintError("BMC_FROZEN", {
    subject,
    expected: "a BMC that answers",
    found: `silence in the ${SILENT_CALLS} calls before, the last of which expected ${last?.expected} but found ${last?.found}`,
    remedy:
      "Reset the BMC (not its machines), or check its network; then run the update again. It was not asked again now.",
    cause: last,
  });
}
