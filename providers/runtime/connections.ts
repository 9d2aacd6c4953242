import type { ConnectOptions } from "../../drivers/ssh/connect.js";
import { SshPool } from "../../drivers/ssh/pool.js";
import { type HostTarget, isLocal, type LocalTarget, type SshSession } from "../../drivers/ssh/target.js";

/** Sessions to hosts for all resources of the stack: they live in the same process, and share one ssh connection per host. */
class Connections {
  readonly #ssh = new SshPool();
  #local: Promise<SshSession> | undefined;

  /** @throws FlintError like `SshPool.get`, and `HOST_SUDO`. */
  get(target: HostTarget, options: ConnectOptions = {}): Promise<SshSession> {
    return isLocal(target) ? this.#here(target, options.signal) : this.#ssh.get(target, options);
  }

  /** Closes every connection. */
  close(): void {
    this.#ssh.close();
  }

  async #here(target: LocalTarget, signal: AbortSignal | undefined): Promise<SshSession> {
    signal?.throwIfAborted();
    this.#local ??= import("../../drivers/local/session.js").then(({ openLocal }) => openLocal(target));
    try {
      return await this.#local;
    } catch (error) {
      this.#local = undefined; // the next one asks sudo again
      throw error;
    }
  }
}

export const connections = new Connections();
