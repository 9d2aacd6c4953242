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

interface Waiting {
  machine: string;
  moment: Moment;
  /** With what it goes wrong: the machine, its BMC, the provisioning host, nix. */
  owner: string;
  act: () => void;
}

/** What waits for a machine to come to a moment; each waits once. */
export class Moments {
  private waiting: Waiting[] = [];

  /** Does it when the machine comes to the moment next, before the machine goes on. */
  once(waiting: Waiting): void {
    this.waiting.push(waiting);
  }

  /** The machine is there. */
  reached(machine: string, moment: Moment): void {
    const isDue = (each: Waiting) => each.machine === machine && each.moment === moment;
    const due = this.waiting.filter(isDue);
    this.waiting = this.waiting.filter((each) => !isDue(each));
    for (const { act } of due) act();
  }

  /** What was to go wrong with this waits no more. @param machine Whose moments. Default: any machine's. */
  forget(owner: string, machine?: string): void {
    this.waiting = this.waiting.filter(
      (each) => each.owner !== owner || (machine !== undefined && each.machine !== machine),
    );
  }
}
