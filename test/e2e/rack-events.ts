import { closeSync, openSync, readSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import type { LaunchedRack } from "../../lab/simulated/launch.js";

const text = z.string().optional();
const rackEvent = z.looseObject({
  event: z.string(),
  ...{ machine: text, what: text, note: text, state: text, from: text },
  ...{ service: text, id: text, method: text, path: text },
});

/** Something that happened in the rack. */
export type RackEvent = z.infer<typeof rackEvent>;

/** Follows a rack's events from now on, as they are written. */
export class RackEvents {
  private readonly file: string;
  private readonly buffer = Buffer.alloc(1 << 20);
  private at = 0;
  private rest = "";

  constructor(rack: LaunchedRack) {
    this.file = join(rack.directory, "events.jsonl");
    this.newLines();
  }

  /** Those that were written since it was asked last. */
  next(): RackEvent[] {
    return this.newLines().map((line) => rackEvent.parse(JSON.parse(line)));
  }

  /** Waits for one that fits. @returns undefined when `ended` says so before. */
  async until(fits: (event: RackEvent) => boolean, ended: () => boolean): Promise<RackEvent | undefined> {
    for (;;) {
      const over = ended();
      const found = this.next().find(fits);
      if (found !== undefined || over) return found;
      await sleep(5);
    }
  }

  private newLines(): string[] {
    const handle = openSync(this.file, "r");
    const lines: string[] = [];
    for (let bytes = -1; bytes !== 0; ) {
      bytes = readSync(handle, this.buffer, 0, this.buffer.length, this.at);
      this.at += bytes;
      const whole = (this.rest + this.buffer.toString("utf8", 0, bytes)).split("\n");
      this.rest = whole.pop() ?? "";
      lines.push(...whole);
    }
    closeSync(handle);
    return lines;
  }
}
