import { setTimeout as sleep } from "node:timers/promises";
import pLimit, { type LimitFunction } from "p-limit";

/**
 * How many of one kind of work run at once in this process, whatever `--parallel` says.
 * - `installs`: copying systems saturates the operator's network; a cluster may say otherwise
 * - `bmc`: calls per BMC address; cheap management controllers lose sessions under parallel requests
 * - `membership`: raft allows one change at a time per cluster
 */
const ATONCE = { installs: 16, bmc: 2, membership: 1 } as const;

export type Purpose = keyof typeof ATONCE;

const limits = new Map<string, LimitFunction>();

export interface TurnOptions {
  /** What shares the limit within its purpose: a BMC's address, a cluster's name. Default: one for all. */
  scope?: string;
  /** So many at once from now on, instead of the purpose's own number. */
  atOnce?: number;
  /** An aborted turn is not started. */
  signal?: AbortSignal;
  /** Called when the work has to wait for others first, with their number. */
  onWait?: (ahead: number) => void;
}

/** Runs `work` when it is its turn among work of the same purpose. */
export async function inTurn<T>(purpose: Purpose, work: () => Promise<T>, options: TurnOptions = {}): Promise<T> {
  const key = `${purpose} ${options.scope ?? ""}`;
  let limit = limits.get(key);
  if (limit === undefined) {
    limit = pLimit(ATONCE[purpose]);
    limits.set(key, limit);
  }
  if (options.atOnce !== undefined) limit.concurrency = options.atOnce;
  if (limit.activeCount >= limit.concurrency) options.onWait?.(limit.activeCount + limit.pendingCount);
  return limit(() => {
    options.signal?.throwIfAborted();
    return work();
  });
}

/** Requests that are answered together. */
interface Batch<Request, Answer> {
  requests: Request[];
  answer: Promise<Answer>;
}

/**
 * Collects requests that arrive within `windowMs` of the first one, or while earlier ones of the same key are being answered,
 * and answers them with one call: three hundred nodes need two nix evaluations, one after the other, and not as many at once as
 * nodes. Requests under different keys are never mixed, and do not wait for each other.
 */
export function gather<Request, Answer>(
  work: (requests: Request[]) => Promise<Answer>,
  { windowMs = 200, keyOf = () => "" }: { windowMs?: number; keyOf?: (request: Request) => string } = {},
): (request: Request) => Promise<Answer> {
  /** By key: the batch that still takes requests, and the last one that no longer does. */
  const open = new Map<string, Batch<Request, Answer>>();
  const underWay = new Map<string, Promise<unknown>>();
  const answer = async (key: string, requests: Request[]): Promise<Answer> => {
    await Promise.all([sleep(windowMs), underWay.get(key)]);
    open.delete(key);
    const working = work(requests);
    const over = working.then(
      () => {},
      () => {},
    );
    underWay.set(key, over);
    void over.then(() => {
      if (underWay.get(key) === over) underWay.delete(key);
    });
    return working;
  };
  return (request) => {
    const key = keyOf(request);
    const existing = open.get(key);
    if (existing !== undefined) {
      existing.requests.push(request);
      return existing.answer;
    }
    const requests = [request];
    const batch = { requests, answer: answer(key, requests) };
    open.set(key, batch);
    return batch.answer;
  };
}
