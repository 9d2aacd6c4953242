import { readdirSync, readFileSync } from "node:fs";

/** Command lines and environments of a process and everything below it, sampled while they run. */
export class ProcessSamples {
  private readonly timer: NodeJS.Timeout;
  /** Text by program; each seen once. */
  readonly commandLines = new Set<string>();
  readonly environments = new Set<string>();

  constructor(private readonly root: number) {
    this.timer = setInterval(() => this.look(), 20);
  }

  stop(): void {
    clearInterval(this.timer);
  }

  /** Programs that were seen, by the last part of their path. */
  programs(): Set<string> {
    return new Set(
      [...this.commandLines].flatMap((line) => line.split("\0").map((word) => word.split("/").at(-1) ?? "")),
    );
  }

  private look(): void {
    const parents = new Map<number, number>();
    for (const entry of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
      const fields = read(`/proc/${entry}/stat`).split(") ").at(-1)?.split(" ") ?? [];
      parents.set(Number(entry), Number(fields[1]));
    }
    for (const pid of parents.keys()) {
      if (!this.isBelow(pid, parents)) continue;
      this.commandLines.add(read(`/proc/${pid}/cmdline`));
      this.environments.add(read(`/proc/${pid}/environ`));
    }
  }

  private isBelow(pid: number, parents: ReadonlyMap<number, number>): boolean {
    for (let at: number | undefined = pid; at !== undefined && at > 1; at = parents.get(at)) {
      if (at === this.root) return true;
    }
    return false;
  }
}

function read(path: string): string {
  try {
    return readFileSync(path, "latin1");
  } catch {
    return ""; // it ended meanwhile
  }
}
