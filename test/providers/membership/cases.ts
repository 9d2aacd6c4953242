import assert from "node:assert/strict";
import type { Condition, Membership } from "../../../drivers/raft/driver.js";
import { plan } from "../../../providers/membership/plan.js";
import type { Desired } from "../../../providers/membership/step.js";
import { desired, outcome } from "./sample.js";

/** One case: what is seen, what is wanted, and the steps or the refusal that follow. */
export interface Row {
  title: string;
  seen?: Membership;
  services?: Record<string, Condition>;
  want: Partial<Desired>;
  steps: string[];
}

/** One test per case. */
export function check(rows: Row[]): void {
  for (const { title, seen, services = {}, want, steps } of rows)
    it(title, () => {
      const observed = seen === undefined ? { services } : { membership: seen, services };
      assert.deepEqual(outcome(plan(observed, desired(want))), steps);
    });
}
