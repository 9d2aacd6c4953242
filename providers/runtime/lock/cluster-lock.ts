import { placeOf } from "../../../drivers/ssh/place.js";
import type { HostTarget } from "../../../drivers/ssh/target.js";
import { isFlintError } from "../../../foundation/errors.js";
import { cancel, cancelSignal } from "../cancel.js";
import type { Lease } from "./lease.js";

/** What begins under the lock. */
export interface LockedWork {
  host: HostTarget;
  cluster: string;
  /** URN of the resource. */
  self: string | undefined;
  operation: string;
  /** Nothing more is done in a run after this: the next one need not wait. */
  last: boolean;
  say(text: string): void;
  /** An error of a lock that could not be asked for, as one of what was to be done under it: its subject and phase. */
  named(error: unknown): Promise<unknown>;
}

interface Held {
  cluster: string;
  lease: Promise<Lease>;
  users: number;
}

const held = new Map<string, Held>();

/** Locks of clusters that are being taken away for good: what is still done under them is the rest of that. */
const ending = new Set<string>();

/** Locks on their way back: who needs one again waits for that. */
const returning = new Map<string, Promise<void>>();

/**
 * Works on a cluster as the only one: its provisioning host holds the lock from the first work of this process until the
 * last, or until the process ends; then it expires. @throws FlintError `HOST_LOCKED`.
 */
export async function underClusterLock<T>(what: LockedWork, work: () => Promise<T>): Promise<T> {
  const key = `${placeOf(what.host)} ${what.cluster}`;
  const lock = held.get(key) ?? {
    cluster: what.cluster,
    lease: (returning.get(key) ?? Promise.resolve()).then(() => take(what)),
    users: 0,
  };
  held.set(key, lock);
  lock.users += 1;
  lock.lease.catch(() => {
    if (held.get(key) === lock) held.delete(key);
  });
  try {
    await lock.lease.catch(async (error: unknown) => {
      // Who else is at work on the cluster is told as it is: it is about all of it.
      throw isFlintError(error, "HOST_LOCKED") ? error : await what.named(error);
    });
    return await work();
  } finally {
    lock.users -= 1;
    // Others may still be at work, as a server is that goes together with the cluster's keys: the last of them gives it back.
    if (what.last && what.operation === "delete") ending.add(key);
    if ((what.last || ending.has(key)) && lock.users === 0 && held.get(key) === lock) {
      held.delete(key);
      const returned = giveBack(lock);
      returning.set(
        key,
        returned.catch(() => {}), // told by who gives it back
      );
      await returned;
    }
  }
}

/**
 * Before what cannot be taken back: a computer that slept for longer than the lock lasts may not be the only one at work any
 * more. Nothing is asked otherwise. @throws As `Lease.sure`.
 */
export async function stillAlone(cluster: string): Promise<void> {
  for (const lock of held.values()) if (lock.cluster === cluster) await (await lock.lease).sure();
}

async function giveBack({ lease }: Held): Promise<void> {
  await (await lease.catch(() => undefined))?.free();
}

async function take({ host, cluster, self, operation, say }: LockedWork): Promise<Lease> {
  const [{ takeLease }, { thisProcess }, { connections }] = await Promise.all([
    import("./lease.js"),
    import("./owner.js"),
    import("../connections.js"),
  ]);
  return takeLease({
    code: "HOST_LOCKED",
    seconds: 30,
    session: () => connections.get(host, { signal: cancelSignal }),
    path: `/run/flint/${cluster}.lock`,
    subject: `cluster ${cluster}, ${host.name}`,
    owner: thisProcess(self, operation),
    say,
    signal: cancelSignal,
    onLost: (holder) => cancel(`${holder} took the lock over`),
  });
}
