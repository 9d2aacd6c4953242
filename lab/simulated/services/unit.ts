import type { Clock } from "../clock.js";

export type UnitState = "active" | "activating" | "failed" | "inactive";

/** What a running service has open. */
export interface Opened {
  close(): Promise<void>;
}

export interface UnitOptions {
  clock: Clock;
  /** Ends with the machine. */
  signal: AbortSignal;
  /** Milliseconds that it takes to start. */
  delay: () => number;
  crashes: () => boolean;
  open: () => Promise<Opened>;
  onState: (state: UnitState, why?: string) => void;
}

const RESTART_MS = 1_000;
const LONGEST_RESTART_MS = 30_000;

/** A service unit with `Restart=always`: while it does not start, it is started again after a growing pause. */
export class ServiceUnit {
  state: UnitState = "inactive";
  private opened: Opened | undefined;
  private run = new AbortController();
  /** Starts and stops of one unit come one after another. */
  private turn: Promise<void> = Promise.resolve();

  constructor(private readonly options: UnitOptions) {}

  /** Resolves when the first attempt is over; those after it go on by themselves. */
  start(): Promise<void> {
    this.run.abort();
    const run = new AbortController();
    this.run = run;
    return this.inTurn(() => this.attempt(run.signal, RESTART_MS));
  }

  /** `systemctl try-restart`. */
  async restart(): Promise<void> {
    if (this.state === "inactive" || this.state === "failed") return;
    await this.close();
    await this.start();
  }

  /** The process is killed; systemd starts it again. */
  async kill(): Promise<void> {
    if (this.state !== "active") return;
    await this.close();
    void this.attemptLater(this.run.signal, RESTART_MS);
  }

  async stop(): Promise<void> {
    this.run.abort();
    await this.close();
    this.enter("inactive");
  }

  private async close(): Promise<void> {
    await this.inTurn(async () => {
      const { opened } = this;
      this.opened = undefined;
      if (opened !== undefined) this.enter("activating");
      await opened?.close();
    });
  }

  private async attempt(signal: AbortSignal, pause: number): Promise<void> {
    const { clock, delay, crashes, open } = this.options;
    const ended = () => signal.aborted || this.options.signal.aborted;
    if (ended()) return;
    this.enter("activating");
    try {
      await clock.sleep(delay(), AbortSignal.any([signal, this.options.signal]));
      if (crashes()) throw new Error("it crashes");
      const opened = await open();
      if (ended()) return void (await opened.close());
      this.opened = opened;
      this.enter("active");
    } catch (error) {
      if (ended()) return;
      this.enter("activating", error instanceof Error ? error.message : String(error));
      void this.attemptLater(signal, pause);
    }
  }

  private async attemptLater(signal: AbortSignal, pause: number): Promise<void> {
    const either = AbortSignal.any([signal, this.options.signal]);
    await this.options.clock.sleep(pause, either).catch(() => {});
    const next = Math.min(pause * 2, LONGEST_RESTART_MS);
    if (!either.aborted) await this.inTurn(() => this.attempt(signal, next));
  }

  private inTurn(work: () => Promise<void>): Promise<void> {
    this.turn = this.turn.then(work);
    return this.turn;
  }

  private enter(state: UnitState, why?: string): void {
    if (this.state === state && why === undefined) return;
    this.state = state;
    this.options.onState(state, why);
  }
}
