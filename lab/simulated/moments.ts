const INSTALL = [
  "power-on",
  "dhcp",
  "initrd",
  "installer-up",
  "format",
  "closure",
  "installed",
  "disk-boot",
  "system-up",
] as const;
const UPDATE = ["copy", "copied", "switch", "activated"] as const;
const REMOVAL = ["wipe", "power-off"] as const;

/** Those that a machine comes to. */
export const COMING = [...INSTALL, ...UPDATE, ...REMOVAL] as const;
export type Moment = (typeof COMING)[number];

/**
 * Moments in a machine's life, by the change of the declaration during which they come: things can go wrong from each of them
 * on. `before`: before the change has begun. What a machine is about to do at a moment, it has not done yet.
 */
export const MOMENTS = {
  install: ["before", ...INSTALL],
  update: ["before", ...UPDATE],
  removal: ["before", ...REMOVAL],
} as const;

/** What is done to a machine. */
export type Change = keyof typeof MOMENTS;
export type MomentOf<C extends Change> = (typeof MOMENTS)[C][number];

/** What waits for a machine to come to a moment; each waits once. */
export class Moments {
  private readonly waiting = new Map<string, (() => void)[]>();

  /** Does it when the machine comes to the moment next, before the machine goes on. */
  once(machine: string, moment: Moment, act: () => void): void {
    const key = `${machine} ${moment}`;
    this.waiting.set(key, [...(this.waiting.get(key) ?? []), act]);
  }

  /** The machine is there. */
  reached(machine: string, moment: Moment): void {
    const key = `${machine} ${moment}`;
    const due = this.waiting.get(key) ?? [];
    this.waiting.delete(key);
    for (const act of due) act();
  }

  /** Nothing waits for this machine any more. */
  forget(machine: string): void {
    for (const key of [...this.waiting.keys()]) if (key.startsWith(`${machine} `)) this.waiting.delete(key);
  }
}
