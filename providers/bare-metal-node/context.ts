import { placeOf } from "../../drivers/ssh/place.js";
import type { HostTarget, SshSession, SshTarget } from "../../drivers/ssh/target.js";
import type { Phase } from "../phases.js";
import { connections } from "../runtime/connections.js";
import type { Run } from "../runtime/lifecycle.js";
import { stillAlone } from "../runtime/lock/cluster-lock.js";
import { NodeLock } from "./node-lock.js";
import type { NodeOutputs, NodePhase } from "./outputs.js";
import { patientSession } from "./patient-session.js";
import type { NodeRecord } from "./record.js";
import type { NodeInputs, StoredNode } from "./schema.js";
import { renderTimeline, type Timeline } from "./timeline.js";

/** A server takes some minutes for a restart. */
const HOST_PATIENCE_MS = 300_000;
/** The installer does not restart: a machine that does is not in it any more. */
const LOOK_PATIENCE_MS = 15_000;

const reachedHosts = new Set<string>();

/** What the steps of one node's operation share. Looking at a machine and letting it go need less of it. */
export class NodeContext<W extends StoredNode = NodeInputs> {
  private readonly started = performance.now();
  private readonly timeline: Timeline = {};
  private readonly lock: NodeLock;
  private readonly asked: string[] = [];
  /** What is done now, as its error will say. */
  phase: Phase = "first look";

  constructor(
    readonly want: W,
    readonly run: Run<NodeOutputs>,
  ) {
    this.lock = new NodeLock(want, run, (text) => this.say(text));
  }

  get signal(): AbortSignal {
    return this.run.signal;
  }

  /**
   * The provisioning host. Whatever is asked of it may be asked again, and is while it restarts.
   * @param patienceMs For how long. Default 5 min.
   */
  async host(patienceMs = HOST_PATIENCE_MS): Promise<SshSession> {
    const { want, run } = this;
    const connect = () => connections.get(want.host, { signal: this.signal });
    if (run.operation === "read") return connect();
    await stillAlone(want.cluster);
    const where = placeOf(want.host);
    // One that has not answered in this run at all may be gone, or its address wrong: that is said at once.
    if (!reachedHosts.has(where)) await connect();
    reachedHosts.add(where);
    return this.patient(want.host, connect, patienceMs);
  }

  private patient(target: HostTarget, connect: () => Promise<SshSession>, deadlineMs: number): SshSession {
    return patientSession(target, connect, {
      deadlineMs,
      say: (text) => this.say(text),
      signal: this.signal,
    });
  }

  /** The installed system, with the host key that was made for it before the installation. */
  systemTarget(): SshTarget {
    const { want } = this;
    return {
      name: want.name,
      host: want.addresses.provisioning,
      privateKey: want.loginKey.privateKey,
      hostKeys: [want.hostKeyPublic],
    };
  }

  /** @param signal Ends the attempt. Default: the operation's. */
  system(signal = this.signal): Promise<SshSession> {
    return connections.get(this.systemTarget(), { signal });
  }

  /**
   * The same for what may be done again: a connection that breaks is made again. One that cannot be made in the first place is
   * told at once.
   */
  async patientSystem(): Promise<SshSession> {
    await this.system();
    return this.patient(this.systemTarget(), () => this.system(), LOOK_PATIENCE_MS);
  }

  /** The installer of this attempt, with the host key that was handed to this machine alone. */
  installerTarget(record: NodeRecord): SshTarget | undefined {
    if (record.installerKey === undefined) return undefined;
    const { want } = this;
    return {
      name: `${want.name}'s installer`,
      host: want.addresses.provisioning,
      privateKey: want.loginKey.privateKey,
      hostKeys: [record.installerKey.publicKey],
    };
  }

  installer(target: SshTarget): Promise<SshSession> {
    return connections.get(target, { signal: this.signal });
  }

  /** Before the first change in the installer. @throws FlintError `NODE_LOCKED`. */
  async lockInstaller(target: SshTarget): Promise<void> {
    await this.lock.take(async () => this.lookAtInstaller(target));
  }

  /** Before the first change of the system that runs. @throws FlintError `NODE_LOCKED`. */
  async lockSystem(): Promise<void> {
    await this.lock.take(() => this.patientSystem());
  }

  /** `restarts`: the machine will not be what it was; whatever runs on it next is locked anew. */
  async unlock(next?: "restarts"): Promise<void> {
    await (next === "restarts" ? this.lock.drop() : this.lock.free());
  }

  /** The same for looking only: a connection that breaks is made again. */
  lookAtInstaller(target: SshTarget): SshSession {
    return this.patient(target, () => this.installer(target), LOOK_PATIENCE_MS);
  }

  /** Shows a live line with the time since the operation began. */
  say(text: string): void {
    const line = () => {
      const elapsed = Math.round((performance.now() - this.started) / 1000);
      return `${Math.floor(elapsed / 60)}:${String(elapsed % 60).padStart(2, "0")} ${text}`;
    };
    // One look may take long, and the clock goes on.
    this.run.say(line(), line);
  }

  /** Asks a person for something. It stays on the screen: live lines are gone with the next one. */
  ask(text: string): void {
    this.asked.push(text);
    this.run.info(text);
  }

  /** What a person was asked for since the last call: shown while the machine is waited for. */
  takeRequests(): string[] {
    return this.asked.splice(0);
  }

  /** Notes that a phase was reached: kept in the state even if a later one fails. */
  reached(phase: NodePhase, outputs: Partial<NodeOutputs> = {}): void {
    this.mark(phase);
    this.run.record({ phase, timeline: this.times(), ...outputs });
  }

  /** A point of time that is worth showing but is no phase of the state. */
  mark(name: string, at = performance.now()): void {
    this.timeline[name] = Math.round((at - this.started) / 100) / 10;
  }

  times(): string {
    return renderTimeline(this.timeline);
  }
}
