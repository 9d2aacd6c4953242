import assert from "node:assert/strict";
import type { Condition, Membership } from "../../../drivers/raft/driver.js";
import { plan, planReplacement } from "../../../providers/membership/plan.js";
import type { Desired, Observed } from "../../../providers/membership/step.js";
import { tellPlan } from "../../../providers/membership/tell.js";
import { cluster, desired, wish } from "./sample.js";

const observed = (membership: Membership | undefined, services: Record<string, Condition> = {}): Observed =>
  membership === undefined ? { services } : { membership, services };

describe("membership: what a preview says of the quorum", () => {
  const told: [string, Observed, Partial<Desired>, string][] = [
    [
      "one joins three",
      observed(cluster("1* 2 3")),
      { join: [wish("node04")] },
      "Chainfire: 3 voters (node01 leads, node02, node03), all healthy. node04 joins: it learns first, then votes. Quorum 2 of 3 before and during, 3 of 4 after; at the worst moment 1 may fail.",
    ],
    [
      "two join three",
      observed(cluster("1* 2 3")),
      { join: [wish("node04"), wish("node05")] },
      "Chainfire: 3 voters (node01 leads, node02, node03), all healthy. node04 and node05 join one after another: each learns first, then votes. Quorum 2 of 3 before, 3 of 4 during, 3 of 5 after; at the worst moment 1 may fail.",
    ],
    [
      "one joins one",
      observed(cluster("1*")),
      { join: [wish("node02")], service: "flaredb" },
      "FlareDB: 1 voter (node01 leads), healthy. node02 joins: it learns first, then votes. Quorum 1 of 1 before and during, 2 of 2 after; at the worst moment no voter may fail.",
    ],
    [
      "one joins while another is dead",
      observed(cluster("1* 2 3-")),
      { join: [wish("node04")] },
      "Chainfire: 3 voters (node01 leads, node02, node03), node03 not healthy. node04 joins: it learns first, then votes. Quorum 2 of 3 before and during, 3 of 4 after; at the worst moment no voter may fail.",
    ],
    [
      "the leader leaves",
      observed(cluster("1* 2 3 4")),
      { leave: ["node01"] },
      "Chainfire: 4 voters (node01 leads, node02, node03, node04), all healthy. node01 leaves, leadership goes to node02 first. Quorum 3 of 4 before and during, 2 of 3 after; at the worst moment 1 may fail.",
    ],
    [
      "two of five leave",
      observed(cluster("1* 2 3 4 5")),
      { leave: ["node04", "node05"] },
      "Chainfire: 5 voters (node01 leads, node02, node03, node04, node05), all healthy. node04 and node05 leave one after another. Quorum 3 of 5 before, 3 of 4 during, 2 of 3 after; at the worst moment 1 may fail.",
    ],
    [
      "a removal that will be refused",
      observed(cluster("1* 2- 3")),
      { leave: ["node03"] },
      "Chainfire: 3 voters (node01 leads, node02, node03), node02 not healthy. This will be refused: node03, chainfire: expected 2 of 3 healthy voters to remove it, and 2 of 2 afterwards but found 2 healthy now, 1 without it (node01). Bring the other members back first, then run `pulumi up` again. Nothing was removed. [QUORUM_AT_RISK]",
    ],
    [
      "a member whose data is gone",
      observed(cluster("1* 2 3-"), { node03: "data-lost" }),
      { join: [wish("node03")] },
      "Chainfire: 3 voters (node01 leads, node02, node03), node03 not healthy. node03 is replaced: the old identity goes, the new one joins. Quorum 2 of 3 before, 2 of 2 during, 2 of 3 after; at the worst moment no voter may fail.",
    ],
    [
      "a learner of an earlier run",
      observed(cluster("1* 2 3 4l")),
      { join: [wish("node04")] },
      "Chainfire: 3 voters (node01 leads, node02, node03), all healthy; learning: node04. node04 is a member and catches up. Quorum 2 of 3 before and during, 3 of 4 after; at the worst moment 1 may fail.",
    ],
    [
      "a member that votes already",
      observed(cluster("1* 2 3")),
      { join: [wish("node03")] },
      "Chainfire: 3 voters (node01 leads, node02, node03), all healthy. Nothing to change.",
    ],
    [
      "nobody answers",
      observed(undefined, { node01: "silent", node02: "no-leader" }),
      { join: [wish("node04")] },
      "Chainfire: nobody tells its members now (node01: no answer, node02: no-leader). Nothing is known of its quorum.",
    ],
    [
      "nobody leads",
      observed(cluster("1 2 3"), { node01: "no-leader", node02: "no-leader" }),
      { join: [wish("node04")] },
      "Chainfire: 3 voters, and no leader now (node01: no-leader, node02: no-leader).",
    ],
    [
      "the whole cluster goes",
      observed(cluster("1* 2 3")),
      { dissolve: true },
      "Chainfire: the cluster ends with its machines. No member is removed, and no quorum is needed.",
    ],
  ];
  for (const [title, seen, more, text] of told)
    it(title, () => assert.equal(tellPlan(seen, desired(more), plan(seen, desired(more))), text));

  it("a machine is replaced", () => {
    const seen = observed(cluster("1* 2 3"));
    const want = desired({ leave: ["node01"] });
    assert.equal(
      tellPlan(seen, want, planReplacement(seen, want, "node01")),
      "Chainfire: 3 voters (node01 leads, node02, node03), all healthy. node01 is replaced: the old identity goes, the new one joins; leadership goes to node02 first. Quorum 2 of 3 before, 2 of 2 during, 2 of 3 after; at the worst moment no voter may fail.",
    );
  });
});
