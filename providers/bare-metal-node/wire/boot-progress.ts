import { seconds } from "../../../foundation/wait.js";
import { type BootCause, type Diagnosis, type Facts, isAtLeast, type Sight } from "./causes.js";
import { diagnose, progressOf } from "./diagnose.js";
import { type BootWatch, isOf, NOTHING_SEEN, type Sightings, see } from "./sightings.js";

/** How far a machine has come on its way from power to installer, as its servers saw it. */
export type BootPhase = "powered-on" | "dhcp" | "firmware-loaded" | "ipxe" | "kernel" | "initrd" | "loaded";

/** The phase of a boot by what it waits for: the last row whose cause it has reached. */
const PHASES: readonly [BootCause, BootPhase][] = [
  ["no-power", "powered-on"],
  ["no-offer", "dhcp"],
  ["ipxe-not-started", "firmware-loaded"],
  ["no-script", "ipxe"],
  ["no-kernel", "kernel"],
  ["no-initrd", "initrd"],
  ["no-ssh", "loaded"],
];

/** The servers' connections are looked at once a second: a file of which nothing was acknowledged for longer has stopped. */
const MOVING_MS = 5_000;

/** Follows one machine's boot from what DHCP, TFTP and HTTP saw. Feed it events; ask it for the phase, a line, a cause. */
export class BootProgress {
  /** When each phase was reached (performance.now()). */
  readonly reached = new Map<BootPhase, number>();
  private seen: Sightings = NOTHING_SEEN;
  private lastEventAt: number;

  constructor(
    private readonly watch: BootWatch,
    private readonly now: () => number = () => performance.now(),
  ) {
    this.lastEventAt = this.now();
    this.reached.set("powered-on", this.lastEventAt);
  }

  get phase(): BootPhase {
    return PHASES.findLast(([cause]) => isAtLeast(this.seen.cause, cause))?.[1] ?? "powered-on";
  }

  /** Forgets what the machine did before it was switched on. */
  restart(): void {
    this.seen = NOTHING_SEEN;
    this.reached.clear();
    this.lastEventAt = this.now();
    this.reached.set("powered-on", this.lastEventAt);
  }

  /** Takes one event; true when it concerns this machine. */
  take(event: Sight): boolean {
    const { watch, seen } = this;
    if (!isOf(watch, event)) return false;
    this.seen = see(watch, seen, event);
    // A connection that acknowledges nothing new, and an answer that was asked for, are silence.
    const silent = event.kind === "answer" || (event.kind === "sending" && event.bytes <= seen.inFlight);
    if (!silent) this.lastEventAt = this.now();
    for (const [cause, phase] of PHASES)
      if (!this.reached.has(phase) && phase === this.phase && isAtLeast(this.seen.cause, cause))
        this.reached.set(phase, this.now());
    return true;
  }

  /** One line for the user: "initrd 42 %". */
  line(): string {
    switch (this.phase) {
      case "powered-on":
        return `powered on, waiting for ${this.watch.externalDhcp ? "its request for a boot file" : "DHCP"}`;
      case "dhcp":
        return `${this.seen.message ?? "DHCP"}, waiting for the boot file`;
      case "firmware-loaded":
        return "boot file loaded, starting iPXE";
      case "ipxe":
        return "iPXE is up";
      case "kernel":
      case "initrd":
        return progressOf(this.seen, this.watch, this.phase);
      case "loaded":
        return "installer starting";
    }
  }

  /** What stopped it if nothing more comes: cause, what was seen last, and what to do. */
  diagnosis(facts: Facts = {}): Diagnosis<BootCause> {
    const silentMs = this.now() - this.lastEventAt;
    const moving = this.seen.inFlight > 0 && silentMs < MOVING_MS;
    return diagnose({ watch: this.watch, seen: this.seen, facts, silence: seconds(silentMs), moving });
  }
}
