import { z } from "zod";

const eventSchema = z.looseObject({
  t: z.number(),
  machine: z.string(),
  event: z.string(),
  state: z.string().optional(),
  service: z.string().optional(),
});

/** Seconds of one machine from its first power-on, in the rack's own time. */
export interface Chain {
  /** Until its services are healthy. */
  whole: number;
  /** Without what it waited in its installer for its turn to be written to. */
  alone: number;
}

/**
 * The chain of each machine, from a simulated rack's events.jsonl. Its services are healthy when each has been started and the
 * cluster has a leader in both raft services.
 */
export function chainsOf(eventLines: string): Record<string, Chain> {
  const first = new Map<string, Map<string, number>>();
  for (const line of eventLines.split("\n").filter(Boolean)) {
    const { t, machine, event, state, service } = eventSchema.parse(JSON.parse(line));
    const key = [event, service, state].filter((word) => word !== undefined).join(" ");
    const times = first.get(machine) ?? new Map<string, number>();
    if (!times.has(key)) times.set(key, t / 1000);
    first.set(machine, times);
  }
  const led = Math.max(0, ...timesOf(first.get("cluster"), /^elected /));
  const chains: Record<string, Chain> = {};
  for (const [machine, times] of first) {
    const on = times.get("power on");
    if (on === undefined) continue;
    const whole = Math.max(led, ...timesOf(times, /^service .* active$/)) - on;
    const waited = (times.get("format") ?? 0) - (times.get("installer-up") ?? 0);
    chains[machine] = { whole, alone: whole - waited };
  }
  return chains;
}

function timesOf(times: ReadonlyMap<string, number> | undefined, which: RegExp): number[] {
  return [...(times ?? [])].filter(([key]) => which.test(key)).map(([, time]) => time);
}
