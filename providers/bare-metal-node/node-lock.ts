import type { SshSession } from "../../drivers/ssh/target.js";
import { cancel } from "../runtime/cancel.js";
import type { Run } from "../runtime/lifecycle.js";
import { type Lease, takeLease } from "../runtime/lock/lease.js";
import { thisProcess } from "../runtime/lock/owner.js";
import type { NodeOutputs } from "./outputs.js";
import type { StoredNode } from "./schema.js";

/** Below /run: a restart clears it, and what comes up then, installer or system, is locked anew. */
const PATH = "/run/flint/node.lock";
/** Longer than the cluster's: a hundred machines are installed at once, and each renewal is a round trip. */
const LEASE_S = 60;

/**
 * The lock on a machine itself, held by whoever changes what is on it. The cluster's lock on the provisioning host keeps
 * two runs of one declaration apart; this one keeps those apart that reach the machine by different provisioning hosts.
 */
export class NodeLock {
  private lease: Promise<Lease> | undefined;

  constructor(
    private readonly want: StoredNode,
    private readonly run: Pick<Run<NodeOutputs>, "operation" | "signal">,
    private readonly say: (text: string) => void,
  ) {}

  /**
   * Takes it in whatever runs on the machine now, once; held until `free`.
   * @throws FlintError `NODE_LOCKED` when another run holds it for longer than a lease lasts.
   */
  async take(session: () => Promise<SshSession>): Promise<void> {
    const { want, run, say } = this;
    this.lease ??= takeLease({
      code: "NODE_LOCKED",
      seconds: LEASE_S,
      session,
      path: PATH,
      subject: `${want.name} at ${want.addresses.provisioning}`,
      owner: thisProcess(want.self, run.operation),
      say,
      signal: run.signal,
      onLost: (holder) => cancel(`${holder} took the lock of ${want.name} over`),
    });
    await this.lease;
  }

  /** Gives it back. */
  async free(): Promise<void> {
    await (await this.end())?.free();
  }

  /** The machine is told to restart, or to switch itself off: nobody is asked any more. */
  async drop(): Promise<void> {
    (await this.end())?.drop();
  }

  private end(): Promise<Lease | undefined> | undefined {
    const lease = this.lease;
    this.lease = undefined;
    return lease?.catch(() => undefined);
  }
}
