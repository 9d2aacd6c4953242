import type { InstalledSystem } from "./system.js";

/** What the last going back is noted in, until a switch succeeds. */
export const ROLLED_BACK = "/var/lib/flint/rolled-back.json";

/** Simulated milliseconds between two looks. */
const LOOK_MS = 500;

type State = "running" | "waiting" | "switched" | "rolled-back" | "refused";

/** What nix/scripts/switch.sh does: to another system, and back when that is not healthy in time, or nobody confirms it. */
export class Switch {
  runs = true;
  private readonly ended = new AbortController();
  private readonly target: string;
  private readonly result: string;
  private readonly deadlineMs: number;
  private readonly previous: string;

  /** @param words Unit, file of the result, and the command line of the script. */
  constructor(
    private readonly system: InstalledSystem,
    words: readonly string[],
  ) {
    const after = (option: string) => words[words.indexOf(option) + 1] ?? "";
    this.target = words.at(-1) ?? "";
    this.result = after("--result");
    this.deadlineMs = Number(after("--deadline")) * 1000;
    this.previous = system.current.toplevel;
    void this.run().catch(() => {});
  }

  /** The power is gone. */
  cut(): void {
    this.runs = false;
    this.ended.abort();
  }

  private async run(): Promise<void> {
    const { system, target, ended } = this;
    const { disk, machine } = system;
    const next = machine.around.store.systems.get(target);
    disk.files.remove(`${this.result}.confirmed`);
    if (next === undefined || !disk.store.has(target)) return this.end("refused", `${target} is not on this machine`);
    if (this.previous === target && disk.system === target) return this.end("switched", "it ran already");
    const wasHealthy = (await system.services.trouble()) === undefined;
    this.tell("running", "");
    await machine.takes("activation", ended.signal);
    if (machine.faults.diskFull || machine.faults.diskErrors)
      return this.end("refused", "it could not become the profile's system");
    if (machine.faults.outOfMemory) return this.back("its activation ended with 137");
    system.current = next;
    disk.system = target;
    machine.reaches("activated");
    ended.signal.throwIfAborted();
    this.tell("waiting", "");
    const { clock } = machine.around;
    const started = clock.now();
    for (;;) {
      const missing = await this.missing(wasHealthy);
      ended.signal.throwIfAborted();
      if (missing === undefined) break;
      if (clock.now() - started >= this.deadlineMs)
        return this.back(`${missing}, ${this.deadlineMs / 1000} s after the switch`);
      await clock.sleep(LOOK_MS, ended.signal);
    }
    disk.files.remove(ROLLED_BACK);
    machine.tell("switched", { toplevel: target });
    this.end("switched", "");
  }

  /** A machine whose services were in trouble before is no reason to go back. */
  private async missing(wasHealthy: boolean): Promise<string | undefined> {
    const { services, disk } = this.system;
    const trouble = wasHealthy ? await services.trouble() : undefined;
    if (trouble !== undefined) return `not healthy: ${trouble}`;
    return disk.files.read(`${this.result}.confirmed`) === undefined ? "nobody could reach the node" : undefined;
  }

  private back(reason: string): void {
    const { machine, disk } = this.system;
    const before = machine.around.store.systems.get(this.previous);
    if (before !== undefined) this.system.current = before;
    disk.system = this.previous;
    disk.files.write(ROLLED_BACK, JSON.stringify({ system: this.target, reason, at: new Date().toISOString() }));
    this.end("rolled-back", reason);
  }

  private end(state: State, reason: string): void {
    this.runs = false;
    this.tell(state, reason);
  }

  private tell(state: State, reason: string): void {
    const { target: system, previous } = this;
    this.system.disk.files.write(this.result, JSON.stringify({ state, system, previous, reason }));
  }
}
