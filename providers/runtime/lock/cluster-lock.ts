import { placeOf } from "../../../drivers/ssh/place.js";
import type { HostTarget } from "../../../drivers/ssh/target.js";
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
}

interface Held {
  lease: Promise<Lease>;
  users: number;
}

const held = new Map<string, Held>();

/**
 * Works on a cluster as the only one: its provisioning host holds the lock from the first work of this process until the
 * last, or until the process ends; then it expires. @throws FlintError `HOST_LOCKED`.
 */
export async function underClusterLock<T>(what: LockedWork, work: () => Promise<T>): Promise<T> {
  const key = `${placeOf(what.host)} ${what.cluster}`;
  const lock = held.get(key) ?? { lease: take(what), users: 0 };
  held.set(key, lock);
  lock.users += 1;
  lock.lease.catch(() => {
    if (held.get(key) === lock) held.delete(key);
  });
  try {
    await lock.lease;
    return await work();
  } finally {
    lock.users -= 1;
    if (what.last && lock.users === 0 && held.get(key) === lock) {
      held.delete(key);
      await (await lock.lease.catch(() => undefined))?.free();
    }
  }
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
