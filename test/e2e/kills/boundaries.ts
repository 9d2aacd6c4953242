import type { RackEvent } from "../rack-events.js";

/** What becomes of a rack through nobody's work, or only tells of it. */
const NO_WORK = ["faults", "violation"];

/**
 * The phase that an event ends, in words that are the same for every machine: "machine: format", "pxe1: wrote …/record.json
 * (installing)". Undefined for what ends none, as a look does.
 */
export function boundaryOf(event: RackEvent): string | undefined {
  const phase = NO_WORK.includes(event.event) ? undefined : phaseOf(event);
  if (phase === undefined) return undefined;
  const place = /^node\d+$/.test(event.machine ?? "") ? "machine" : event.machine;
  return `${place}: ${phase}`;
}

function phaseOf({ event, what, note, state, from, service, method, path }: RackEvent): string | undefined {
  const general = inGeneral(what ?? path ?? "");
  switch (event) {
    case "bmc-request":
      return method === "GET" ? undefined : `${method} ${general}`;
    case "request":
      return `request ${general}`;
    case "service":
      return state === "active" ? `${service} serves` : undefined;
    case "power":
      return `power ${state}`;
    case "boot":
      return `boot from ${from}`;
    case "command":
      return note === undefined ? general : `${general} (${note})`;
    default:
      return [event, service, general].filter((word) => word !== undefined && word !== "").join(" ");
  }
}

/** Names, addresses and digests that differ from machine to machine and from run to run. */
function inGeneral(text: string): string {
  return text
    .replaceAll(/\bnode\d+\b/g, "NODE")
    .replaceAll(/\b[0-9a-f]{2}([:-][0-9a-f]{2}){5}\b/g, "MAC")
    .replaceAll(/\b\d+\.\d+\.\d+\.\d+\b/g, "ADDRESS")
    .replaceAll(/[0-9a-f]{16,}/g, "DIGEST")
    .replaceAll(/(?<=\/)\d+\b/g, "N");
}

/** After which phases of which change a run was killed. */
export class Coverage {
  private readonly byChange = new Map<string, Map<string, number>>();

  /** It is there to be killed after. */
  saw(change: string, boundary: string): void {
    const kills = this.of(change);
    if (!kills.has(boundary)) kills.set(boundary, 0);
  }

  killedAfter(change: string, boundary: string): void {
    this.of(change).set(boundary, (this.of(change).get(boundary) ?? 0) + 1);
  }

  isCovered(change: string, boundary: string): boolean {
    return (this.of(change).get(boundary) ?? 0) > 0;
  }

  /** Boundaries that were seen, and no run was killed after. */
  open(change: string): string[] {
    return [...this.of(change)].flatMap(([boundary, kills]) => (kills === 0 ? [boundary] : []));
  }

  /** The same of all changes. */
  allOpen(): string[] {
    return [...this.byChange.keys()].flatMap((change) => this.open(change).map((each) => `${change}: ${each}`));
  }

  /** How many phases a run was killed after. */
  covered(): number {
    const all = [...this.byChange.values()].flatMap((kills) => [...kills.values()]);
    return all.filter((kills) => kills > 0).length;
  }

  /** A line for each change, then one for each of its boundaries with its kills. */
  report(): string {
    return [...this.byChange]
      .flatMap(([change, kills]) => [
        `${change}: killed after ${kills.size - this.open(change).length} of ${kills.size} phases`,
        ...[...kills].map(([boundary, count]) => `  ${String(count).padStart(3)} ${boundary}`),
      ])
      .join("\n");
  }

  private of(change: string): Map<string, number> {
    const kills = this.byChange.get(change) ?? new Map<string, number>();
    this.byChange.set(change, kills);
    return kills;
  }
}
