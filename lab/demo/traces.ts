import { readFile } from "node:fs/promises";
import path from "node:path";

/** What a rack's own logs tell of hands on its hardware. */
export interface Traces {
  /** Writes to a BMC (POST, PATCH, PUT, DELETE) that are not logins. */
  bmcWrites: number;
  powerEvents: number;
  boots: number;
}

/** Counts a rack's events: the same counts before and after say that no machine was touched in between. */
export async function readTraces(rackDirectory: string): Promise<Traces> {
  const text = await readFile(path.join(rackDirectory, "log/events.jsonl"), "utf8");
  const traces: Traces = { bmcWrites: 0, powerEvents: 0, boots: 0 };
  for (const line of text.split("\n")) {
    if (line.trim() === "") continue;
    const event = JSON.parse(line) as { event?: string; method?: string; path?: string };
    if (event.event === "power") traces.powerEvents++;
    if (event.event === "boot") traces.boots++;
    const login = event.path?.includes("/SessionService/") ?? false;
    if (event.event === "bmc-request" && event.method !== "GET" && !login) traces.bmcWrites++;
  }
  return traces;
}
