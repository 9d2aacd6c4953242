import type { InstalledSystem } from "./system.js";

type State = "running" | "waiting" | "switched" | "rolled-back" | "refused";

/** What nix/scripts/switch.sh does: to another system, and back when nobody confirms it in time. */
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
    this.tell("running", "");
    await machine.takes("activation", ended.signal);
    system.current = next;
    disk.system = target;
    this.tell("waiting", "");
    const { clock } = machine.around;
    const started = clock.now();
    while (disk.files.read(`${this.result}.confirmed`) === undefined) {
      await clock.sleep(500, ended.signal);
      if (clock.now() - started < this.deadlineMs) continue;
      const before = machine.around.store.systems.get(this.previous);
      if (before !== undefined) system.current = before;
      disk.system = this.previous;
      return this.end("rolled-back", "nobody confirmed it");
    }
    machine.tell("switched", { toplevel: target });
    this.end("switched", "");
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
