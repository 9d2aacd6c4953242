import assert from "node:assert/strict";
import { plan } from "../../../providers/membership/plan.js";
import { check } from "./cases.js";
import { address, cluster, desired, member, outcome, wish } from "./sample.js";

const THREE = "1* 2 3";
const NOTHING_REMOVED = "Bring the other members back first, then run `pulumi up` again. Nothing was removed.";

describe("membership: who leaves", () => {
  check([
    { title: "one that is no member: nothing is done", seen: cluster(THREE), want: { leave: ["node04"] }, steps: [] },
    {
      title: "a follower is removed",
      seen: cluster(THREE),
      want: { leave: ["node03"] },
      steps: ["remove node03: 2 of 2 others are healthy"],
    },
    {
      title: "a leader hands over first, to a healthy voter",
      seen: cluster("1* 2- 3 4 5l"),
      want: { leave: ["node01"] },
      steps: ["transfer to node03: a leader hands over before it leaves", "remove node01: 2 of 3 others are healthy"],
    },
    {
      title: "to the one with the longest log",
      seen: cluster(THREE, {
        members: [
          member("node01", { role: "leader" }),
          member("node02", { match_index: 8 }),
          member("node03", { match_index: 9 }),
        ],
      }),
      want: { leave: ["node01"] },
      steps: ["transfer to node03: a leader hands over before it leaves", "remove node01: 2 of 2 others are healthy"],
    },
    {
      title: "and not to one that leaves next; the leader goes last",
      seen: cluster("1* 2 3 4 5"),
      want: { leave: ["node01", "node02"] },
      steps: [
        "remove node02: 4 of 4 others are healthy",
        "transfer to node03: a leader hands over before it leaves",
        "remove node01: 3 of 3 others are healthy",
      ],
    },
    {
      title: "a leader whose service cannot hand over is removed as it is",
      seen: cluster(THREE),
      want: { leave: ["node01"], transfer: false },
      steps: ["remove node01: 2 of 2 others are healthy"],
    },
    {
      title: "a dead one is removed by the others",
      seen: cluster("1* 2 3-"),
      want: { leave: ["node03"] },
      steps: ["remove node03: 2 of 2 others are healthy"],
    },
    {
      title: "a learner is removed whatever the others do",
      seen: cluster("1* 2- 3- 4l"),
      want: { leave: ["node04"] },
      steps: ["remove node04: a learner has no vote"],
    },
    {
      title: "the dead go before anyone joins, the healthy after",
      seen: cluster("1* 2 3- 5"),
      want: { leave: ["node02", "node03"], join: [wish("node04")] },
      steps: [
        "remove node03: 3 of 3 others are healthy",
        "add node04: it joins the running cluster",
        "await-vote node04: it votes once it has caught up",
        "remove node02: 3 of 3 others are healthy",
      ],
    },
    {
      title: "an address that another one needs is freed first",
      seen: cluster(THREE),
      want: { leave: ["node03"], join: [wish("node04", { raftAddr: address("node03") })] },
      steps: [
        "remove node03: 2 of 2 others are healthy",
        "add node04: it joins the running cluster",
        "await-vote node04: it votes once it has caught up",
      ],
    },
    {
      title: "the last voter stays: the cluster ends with it",
      seen: cluster("1* 4l"),
      want: { leave: ["node01"] },
      steps: [],
    },
    {
      title: "one that says itself that it was removed has nothing to leave, also when nobody leads",
      services: { node01: "silent", node02: "removed" },
      want: { leave: ["node02"] },
      steps: [],
    },
  ]);

  const refused: [string, string, string, string][] = [
    [
      "node03",
      "1* 2- 3",
      "2 of 3 healthy voters to remove it, and 2 of 2 afterwards",
      "2 healthy now, 1 without it (node01)",
    ],
    [
      "node01",
      "1- 2- 3*",
      "2 of 3 healthy voters to remove it, and 2 of 2 afterwards",
      "1 healthy now, 1 without it (node03)",
    ],
    [
      "node02",
      "1* 2-",
      "2 of 2 healthy voters to remove it, and 1 of 1 afterwards",
      "1 healthy now, 1 without it (node01)",
    ],
    [
      "node01",
      "1* 2-",
      "2 of 2 healthy voters to remove it, and 1 of 1 afterwards",
      "1 healthy now, 0 without it (none)",
    ],
  ];
  for (const [node, seen, expected, found] of refused)
    it(`refused with the arithmetic: ${found}`, () =>
      assert.deepEqual(outcome(plan({ membership: cluster(seen), services: {} }, desired({ leave: [node] }))), [
        `refused: ${node}, chainfire: expected ${expected} but found ${found}. ${NOTHING_REMOVED} [QUORUM_AT_RISK]`,
      ]));

  check([
    {
      title: "two of five with two others dead: refused as a whole, nothing is begun",
      seen: cluster("1* 2 3 4- 5-"),
      want: { leave: ["node02", "node03"] },
      steps: [
        `refused: node02, chainfire: expected 3 of 5 healthy voters to remove it, and 3 of 4 afterwards but found 3 healthy now, 2 without it (node01, node03). ${NOTHING_REMOVED} [QUORUM_AT_RISK]`,
      ],
    },
    {
      title: "the quorum is lost: it says whom to bring back, and that one is enough",
      services: { node01: "no-leader", node02: "silent", node03: "untrusted" },
      want: { leave: ["node03"] },
      steps: [
        "refused: chainfire of cluster dev: expected 2 of 3 members to answer (node01, node02, node03) but found 1 (node01). " +
          "Bring back node02 or node03: 1 of them is enough. Nothing was changed. If they are gone for good, restore as described in docs/quorum-lost.md (node01 still has the data). [QUORUM_LOST]",
      ],
    },
    {
      title: "nobody at all: all that are needed are named",
      services: { node01: "silent", node02: "silent" },
      want: { leave: ["node02"] },
      steps: [
        "refused: chainfire of cluster dev: expected 2 of 2 members to answer (node01, node02) but found 0 (none). " +
          "Bring back node01 and node02. Nothing was changed. If they are gone for good, restore as described in docs/quorum-lost.md. [QUORUM_LOST]",
      ],
    },
    {
      title: "an election is waited for",
      services: { node01: "no-leader", node02: "no-leader", node03: "silent" },
      want: { leave: ["node03"] },
      steps: ["await-leader: no leader yet"],
    },
  ]);
});
