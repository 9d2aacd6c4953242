import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { SshSession } from "../../../drivers/ssh/target.js";
import { FlintError } from "../../../foundation/errors.js";
import { isDead, type Owner, ownerSchema } from "./owner.js";
import { LOCK } from "./script.js";

const LOOK_MS = 1_000;
/** A computer that wakes up has no network for a while. */
const WAKING_MS = 300_000;
/** So many renewals may be lost before a lock expires. */
const RENEWALS = 3.75;

/** The token of a lock that is to be taken over: `FLINT_TAKE_OVER=3fa2b1 pulumi up`. */
export const TAKE_OVER = "FLINT_TAKE_OVER";

/** Seconds that another's lock is waited for, instead of as long as its lease lasts: `FLINT_LOCK_TIMEOUT=900 pulumi up`. */
export const LOCK_TIMEOUT = "FLINT_LOCK_TIMEOUT";

/** One for all locks of a process: who takes over from it takes all of them over. */
let ownToken: string | undefined;

export interface LeaseOptions {
  /** For errors: `HOST_LOCKED`. */
  code: "HOST_LOCKED" | "NODE_LOCKED";
  /** A lock that nobody renews expires after so long: a killed run's is waited for. */
  seconds: number;
  session: () => Promise<SshSession>;
  path: string;
  /** What it is about, for messages. */
  subject: string;
  owner: Owner;
  say(text: string): void;
  signal: AbortSignal;
  /** Somebody took it over. */
  onLost(holder: string): void;
}

export interface Lease {
  /**
   * Resolves at once, but after a time in which this process stood still for longer than the lock lasts, as on a computer that
   * slept: somebody else may have worked since, so it is asked first whether the lock is still this one's.
   * @throws The signal's reason once `onLost` was told, or an Error; FlintError when whoever keeps the lock does not answer for minutes.
   */
  sure(): Promise<void>;
  /** Gives it back. */
  free(): Promise<void>;
  /** Renews it no more: whoever keeps it restarts, or is switched off. */
  drop(): void;
}

interface Holder {
  token: string;
  seconds: number;
  owner: Owner | undefined;
}

/**
 * Takes a lock and renews it. One that a dead process of this machine holds is taken at once; another's is waited for as
 * long as a lease lasts, or as `FLINT_LOCK_TIMEOUT` says. @throws FlintError with the given code, or `CONFIG_INVALID`.
 */
export async function takeLease(options: LeaseOptions): Promise<Lease> {
  const { path, owner, seconds, say, signal } = options;
  ownToken ??= randomBytes(3).toString("hex");
  const token = ownToken;
  const ask = async (action: "take" | "keep" | "free", over = "") => {
    const args = [path, action, token, String(seconds), JSON.stringify(owner), over];
    const session = await options.session();
    return parse((await session.script(LOCK, args, { deadlineMs: 20_000, label: "the lock" })).stdout);
  };
  const until = performance.now() + (timeout() ?? seconds + 3) * 1000; // for longer: somebody is at work
  let over = process.env[TAKE_OVER] ?? "";
  for (let holder = await ask("take", over); holder !== undefined; holder = await ask("take", over)) {
    signal.throwIfAborted();
    if (holder.owner !== undefined && isDead(holder.owner)) over = holder.token;
    else if (performance.now() > until) throw locked(options, holder);
    else {
      say(`waiting for ${named(holder)}; its lock expires in ${holder.seconds} s if that run has ended`);
      await sleep(LOOK_MS, undefined, { signal });
    }
  }
  let renewal: Promise<void> | undefined;
  let lost: Holder | undefined;
  // By the clock of the day: others do not count the time that a computer sleeps.
  let awake = Date.now();
  let stoodStill = false;
  const look = () => {
    stoodStill ||= Date.now() - awake > seconds * 1000;
    awake = Date.now();
  };
  const renew = async () => {
    const holder = await ask("keep");
    stoodStill = false;
    if (holder === undefined || lost !== undefined) return;
    lost = holder;
    clearInterval(renewing);
    options.onLost(named(holder));
  };
  const renewing = setInterval(
    () => {
      look();
      renewal = renew().catch(() => {}); // a host that does not answer lets nobody else in either
    },
    (seconds * 1000) / RENEWALS,
  ).unref();
  return {
    async sure() {
      look();
      if (stoodStill) await patiently(renew, WAKING_MS, signal);
      signal.throwIfAborted();
      if (lost !== undefined) throw new Error(`${named(lost)} took the lock over`);
    },
    async free() {
      clearInterval(renewing);
      await renewal; // one that arrives later would take it again
      await ask("free").catch(() => {}); // it expires by itself
    },
    drop: () => clearInterval(renewing),
  };
}

/** Again and again for so many milliseconds. @throws What it said last. */
async function patiently(work: () => Promise<void>, deadlineMs: number, signal: AbortSignal): Promise<void> {
  const { ConstantBackoff, handleWhen, retry } = await import("cockatiel");
  const until = performance.now() + deadlineMs;
  const again = retry(
    handleWhen(() => performance.now() < until),
    { maxAttempts: Number.POSITIVE_INFINITY, backoff: new ConstantBackoff(LOOK_MS) },
  );
  try {
    await again.execute(work, signal);
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  }
}

/** @returns undefined for a variable that is not set. */
function timeout(): number | undefined {
  const value = process.env[LOCK_TIMEOUT] ?? "";
  if (value === "") return undefined;
  if (/^\d{1,6}$/.test(value)) return Number(value);
  throw new FlintError("CONFIG_INVALID", {
    subject: LOCK_TIMEOUT,
    expected: "whole seconds, 0 to 999999",
    found: JSON.stringify(value),
    remedy: "Correct the variable, or unset it.",
  });
}

/** Whoever else has the lock, as the script prints it. */
function parse(output: string): Holder | undefined {
  const [first = "", line = ""] = output.trim().split("\n");
  const [, token = "", seconds] = /^held (\S*) (\d+)$/.exec(first) ?? [];
  if (seconds === undefined) return undefined;
  return { token, seconds: Number(seconds), owner: ownerOf(line) };
}

function ownerOf(line: string): Owner | undefined {
  try {
    return ownerSchema.parse(JSON.parse(line));
  } catch {
    return undefined;
  }
}

function named({ owner, token }: Holder): string {
  if (owner === undefined) return `the holder of lock ${token}`;
  const { who, stack, pid, since, purpose } = owner;
  return `${who} (stack ${stack}, process ${pid}), at work since ${since.slice(0, 19).replace("T", " ")} UTC for ${purpose}`;
}

function locked({ code, subject }: LeaseOptions, holder: Holder): FlintError {
  return new FlintError(code, {
    subject,
    expected: "nobody else at work on it",
    found: `${named(holder)}; its lock expires in ${holder.seconds} s, and is renewed while that run lives`,
    remedy: `Run the same command again when that run has ended. To take the lock over, which ends that run: ${TAKE_OVER}=${holder.token} pulumi up. Nothing was changed.`,
  });
}
