import { setTimeout as sleep } from "node:timers/promises";
import { FlintError } from "./errors.js";

const LONGEST_PAUSE_MS = 10_000;
/** A look that is under way at the deadline may still see what is waited for. */
const LAST_LOOK_MS = 10_000;
/** A look that has been told to end is done with what it has in hand by then. */
const LEFT_BEHIND_MS = 5_000;
/** What a timer of Node takes. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** How long to wait, how often to look, and what to say when it never comes. */
export interface WaitOptions {
  /** What is waited for, as a user would say it: "ssh of node01's installer". */
  reason: string;
  /** Milliseconds until the wait ends with a FlintError. */
  deadlineMs: number;
  /**
   * Milliseconds between two looks; grows by half each time up to `maxIntervalMs`. Default 500. After a slow look the
   * pause is as long as the look was (at most 10 s): whoever answers slowly is busy, and asking more often makes it worse.
   */
  intervalMs?: number;
  /** Upper bound of the interval. Default: same as `intervalMs` (no growth). */
  maxIntervalMs?: number;
  /** What the user can do when it does not come. */
  remedy: string | (() => string);
  /** Code of the error. Default `WAIT_TIMEOUT`. */
  code?: string;
  /** The machine or service. Default: `reason`. */
  subject?: string;
  /** What was last seen, told in the error. */
  lastSeen?: () => string | undefined;
  /** Ends the wait at once with the signal's reason. */
  signal?: AbortSignal;
  /**
   * Milliseconds after the deadline that a look which is under way then may still take. Default 10 000. `Infinity` for looks
   * that end by deadlines of their own, and must not be left half done.
   */
  lastLookMs?: number;
}

/**
 * Looks until `look` answers something other than `undefined` or `false`. An error thrown by `look` ends the wait;
 * let `look` answer `undefined` for "not yet". A look gets a signal that ends it with `signal`, or 10 s after the deadline; one
 * that goes on for 5 s more is left behind: the wait ends in time, whatever hangs.
 * @throws FlintError when the deadline passes, with the reason, the time waited, and what was last seen.
 */
export async function waitUntil<T>(
  look: (signal: AbortSignal) => Promise<T | undefined | false>,
  options: WaitOptions,
): Promise<T> {
  const started = performance.now();
  const late = new AbortController();
  const lateMs = options.deadlineMs + (options.lastLookMs ?? LAST_LOOK_MS);
  const timers = [after(lateMs, () => late.abort())];
  const leftBehind = new Promise<never>((_, reject) => {
    timers.push(after(lateMs + LEFT_BEHIND_MS, () => reject(late.signal.reason)));
  });
  leftBehind.catch(() => {});
  try {
    return await lookAgain((signal) => Promise.race([look(signal), leftBehind]), options, started, late.signal);
  } finally {
    for (const timer of timers) clearTimeout(timer);
  }
}

function after(ms: number, call: () => void): NodeJS.Timeout {
  return setTimeout(call, Math.min(ms, LONGEST_TIMER_MS)).unref();
}

async function lookAgain<T>(
  look: (signal: AbortSignal) => Promise<T | undefined | false>,
  options: WaitOptions,
  started: number,
  late: AbortSignal,
): Promise<T> {
  const signal = options.signal ? AbortSignal.any([options.signal, late]) : late;
  let interval = options.intervalMs ?? 500;
  const max = Math.max(interval, options.maxIntervalMs ?? interval);
  for (;;) {
    options.signal?.throwIfAborted();
    const looked = performance.now();
    const answer = await look(signal).catch((error: unknown) => {
      options.signal?.throwIfAborted();
      if (!late.aborted || !isCausedBy(error, late.reason)) throw error;
      return undefined;
    });
    if (answer !== undefined && answer !== false) return answer;
    const took = Math.min(performance.now() - looked, LONGEST_PAUSE_MS);
    const left = options.deadlineMs - (performance.now() - started);
    if (left <= 0) throw timedOut(options, performance.now() - started);
    await sleep(
      Math.min(Math.max(interval, took), left),
      undefined,
      options.signal ? { signal: options.signal } : undefined,
    ).catch((error) => {
      options.signal?.throwIfAborted();
      throw error;
    });
    interval = Math.min(max, interval * 1.5);
  }
}

/** What a look that was ended throws; its own error says more than the wait could, however late it comes. */
function isCausedBy(error: unknown, reason: unknown): boolean {
  return error === reason || (error instanceof Error && error.cause !== undefined && isCausedBy(error.cause, reason));
}

function timedOut(options: WaitOptions, waitedMs: number): FlintError {
  const last = options.lastSeen?.();
  const remedy = typeof options.remedy === "function" ? options.remedy() : options.remedy;
  return new FlintError(options.code ?? "WAIT_TIMEOUT", {
    subject: options.subject ?? options.reason,
    expected: `${options.reason} within ${seconds(options.deadlineMs)}`,
    found: last ?? `nothing after ${seconds(waitedMs)}`,
    remedy,
  });
}

/**
 * Runs `work` with a deadline. `work` gets a signal that fires at the deadline or when `signal` does.
 * @throws FlintError `DEADLINE` (or `code`) when the deadline passed first.
 */
export async function withDeadline<T>(
  work: (signal: AbortSignal) => Promise<T>,
  options: Pick<WaitOptions, "reason" | "deadlineMs" | "remedy" | "code" | "subject" | "signal" | "lastSeen">,
): Promise<T> {
  const own = new AbortController();
  const signal = options.signal ? AbortSignal.any([own.signal, options.signal]) : own.signal;
  let timer: NodeJS.Timeout | undefined;
  let cancelled = () => {};
  const deadline = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      const late = timedOut({ code: "DEADLINE", ...options }, options.deadlineMs);
      own.abort(late);
      reject(late);
    }, options.deadlineMs);
    cancelled = () => reject(options.signal?.reason);
    options.signal?.addEventListener("abort", cancelled, { once: true });
  });
  deadline.catch(() => {});
  try {
    options.signal?.throwIfAborted();
    return await Promise.race([work(signal), deadline]);
  } finally {
    clearTimeout(timer);
    options.signal?.removeEventListener("abort", cancelled); // one signal lives as long as a whole operation
  }
}

/** 1500 → "1.5 s", 65000 → "1 min 5 s". */
export function seconds(ms: number): string {
  if (ms < 10_000) return `${Math.round(ms / 100) / 10} s`;
  const whole = Math.round(ms / 1000);
  if (whole < 60) return `${whole} s`;
  const rest = whole % 60;
  return rest === 0 ? `${Math.floor(whole / 60)} min` : `${Math.floor(whole / 60)} min ${rest} s`;
}
