import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";

/** Looks every little while until it has happened. `seen` says what there was instead. */
export async function until(happened: () => boolean, seen = () => "", seconds = 150): Promise<void> {
  const end = performance.now() + seconds * 1000;
  while (!happened()) {
    assert.ok(performance.now() < end, `not within ${seconds} s ${seen()}`);
    await sleep(300);
  }
}
