import { CATALOGUE, OWNERS, type Owner } from "../catalogue/catalogue.js";
import type { Entry } from "../catalogue/entry.js";
import { type Change, MOMENTS, type Moment } from "../moments.js";
import { Random } from "../random.js";
import type { Chances } from "./schema.js";

/** A fault that will be, as the seed has it. */
export interface DrawnFault {
  owner: Owner;
  /** Whose moment it is; of the provisioning host and of nix: that of any machine. */
  machine: string;
  /** `now`: at once. */
  moment: Moment | "now";
  fault: string;
  value: unknown;
}

/** `node04: machine.dhcpLost=3, from dhcp on`. */
export function describeDrawn({ owner, machine, moment, fault, value }: DrawnFault): string {
  const said = value === true ? "" : `=${typeof value === "object" ? JSON.stringify(value) : String(value)}`;
  return `${machine}: ${owner}.${fault}${said}, from ${moment} on`;
}

const CHANGES = Object.keys(MOMENTS) as Change[];

/**
 * Which faults each machine will have, from which of its moments on. It follows from the seed, the fault and the machine alone:
 * neither from how quick anything is, nor from what else is drawn.
 */
export function drawFaults(chances: Chances, seed: string, machines: readonly string[]): DrawnFault[] {
  const drawn: DrawnFault[] = [];
  for (const owner of OWNERS) {
    const entries: Readonly<Record<string, Entry<unknown>>> = CATALOGUE[owner];
    for (const [fault, probability] of Object.entries(chances[owner])) {
      const entry = entries[fault];
      if (entry === undefined || probability === undefined) continue;
      for (const change of chances.change === undefined ? CHANGES : [chances.change]) {
        const moments = momentsOf(entry, change, change === (chances.change ?? "install"));
        if (moments.length === 0) continue;
        for (const name of owner === "machine" || owner === "bmc" ? machines : [undefined]) {
          const random = new Random([seed, "chance", owner, fault, change, name ?? ""].join("/"));
          if (!random.chance(probability)) continue;
          drawn.push({
            owner,
            machine: name ?? pick(random, machines),
            moment: pick(random, moments),
            fault,
            value: pick(random, entry.values),
          });
        }
      }
    }
  }
  return drawn;
}

/** @param isNext The change begins now. When one begins that comes later, the rack does not know. */
function momentsOf(entry: Entry<unknown>, change: Change, isNext: boolean): (Moment | "now")[] {
  return (entry[change] ?? []).flatMap((moment): (Moment | "now")[] => {
    if (moment !== "before") return [moment];
    return isNext ? ["now"] : [];
  });
}

function pick<T>(random: Random, [first, ...others]: readonly T[]): T {
  if (first === undefined) throw new RangeError("nothing to choose from");
  return random.pick([first, ...others]);
}
