import assert from "node:assert/strict";
import type { Condition, Membership } from "../../../drivers/raft/driver.js";
import { plan, planReplacement } from "../../../providers/membership/plan.js";
import type { Desired } from "../../../providers/membership/step.js";
import { address, cluster, desired, member, outcome, wish } from "./sample.js";

const THREE = "1* 2 3";
const NOTHING_REMOVED = "Bring the other members back first, then run `pulumi up` again. Nothing was removed.";

interface Row {
  title: string;
  seen?: Membership;
  services?: Record<string, Condition>;
  want: Partial<Desired>;
  steps: string[];
}

function check(rows: Row[]): void {
  for (const { title, seen, services = {}, want, steps } of rows)
    it(title, () => {
      const observed = seen === undefined ? { services } : { membership: seen, services };
      assert.deepEqual(outcome(plan(observed, desired(want))), steps);
    });
}

describe("membership: who joins", () => {
  const four = { join: [wish("node04")] };
  check([
    {
      title: "a running cluster takes one as a learner, and gives it its vote",
      seen: cluster(THREE),
      want: four,
      steps: ["add node04: it joins the running cluster", "await-vote node04: it votes once it has caught up"],
    },
    {
      title: "three at once join one after another",
      seen: cluster(THREE),
      want: { join: [wish("node04"), wish("node05"), wish("node06")] },
      steps: ["node04", "node05", "node06"].flatMap((id) => [
        `add ${id}: it joins the running cluster`,
        `await-vote ${id}: it votes once it has caught up`,
      ]),
    },
    {
      title: "nobody waits to be asked twice: a voter has nothing to do",
      seen: cluster("1* 2 3 4"),
      want: four,
      steps: [],
    },
    {
      title: "nor has one of whose health nothing is said",
      seen: { ...cluster(THREE), members: [...cluster(THREE).members, member("node04", { healthy: undefined })] },
      want: four,
      steps: [],
    },
    {
      title: "a learner is waited for, and its backlog told",
      seen: cluster(THREE, {
        commit_index: 5000,
        members: [...cluster(THREE).members, member("node04", { role: "learner", match_index: 3800 })],
      }),
      want: four,
      steps: ["await-vote node04: it is catching up as a learner, 1200 entries behind"],
    },
    {
      title: "a voter that is far behind is waited for, too",
      seen: cluster(THREE, {
        commit_index: 5000,
        members: [...cluster(THREE).members, member("node04", { match_index: 3999 })],
      }),
      want: four,
      steps: ["await-vote node04: it votes, but is 1001 entries behind"],
    },
    {
      title: "one that is 1000 entries behind has caught up",
      seen: cluster(THREE, {
        commit_index: 5000,
        members: [...cluster(THREE).members, member("node04", { match_index: 4000 })],
      }),
      want: four,
      steps: [],
    },
    {
      title: "a voter that is not healthy yet is waited for",
      seen: cluster("1* 2 3 4-"),
      want: four,
      steps: ["await-vote node04: it votes, but is not healthy yet"],
    },
    {
      title: "someone else's learner comes first: one change at a time",
      seen: cluster("1* 2 3 5l"),
      want: four,
      steps: [
        "await-vote node05: one change at a time: node05 is still a learner, and node04 comes after it",
        "add node04: it joins the running cluster",
        "await-vote node04: it votes once it has caught up",
      ],
    },
    {
      title: "a bootstrap member that came too late",
      seen: cluster("1* 2"),
      want: { join: [wish("node03", { bootstrap: true })] },
      steps: ["add node03: the cluster formed without it", "await-vote node03: it votes once it has caught up"],
    },
    {
      title: "one that was removed behind our back is added again, whatever its own marker says",
      seen: cluster("1* 2"),
      services: { node03: "removed" },
      want: { join: [wish("node03", { bootstrap: true })] },
      steps: ["add node03: the cluster removed it", "await-vote node03: it votes once it has caught up"],
    },
    {
      title: "one that runs but is no member",
      seen: cluster(THREE),
      services: { node04: "waiting" },
      want: four,
      steps: ["add node04: it joins the running cluster", "await-vote node04: it votes once it has caught up"],
    },
    {
      title: "one that does not answer is waited for first",
      seen: cluster(THREE),
      services: { node04: "silent" },
      want: four,
      steps: [
        "await-service node04: its service does not answer",
        "add node04: it joins the running cluster",
        "await-vote node04: it votes once it has caught up",
      ],
    },
    { title: "nobody answers", want: four, steps: ["await-leader: no leader yet"] },
    {
      title: "a cluster that forms: who answers so far",
      services: { node01: "no-leader", node02: "silent", node03: "silent" },
      want: { join: [wish("node01", { bootstrap: true })] },
      steps: ["await-leader: no leader yet: 1 of 3 members answer (node01)"],
    },
    {
      title: "members without a leader",
      seen: cluster("1 2 3"),
      services: { node01: "no-leader", node02: "no-leader" },
      want: four,
      steps: ["await-leader: no leader yet"],
    },
  ]);
});

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

describe("membership: replacement and repair", () => {
  check([
    {
      title: "a member whose data is gone cannot come back under its old identity: out, and in anew",
      seen: cluster("1* 2 3-"),
      services: { node03: "data-lost" },
      want: { join: [wish("node03", { bootstrap: true })] },
      steps: [
        "remove node03: its data is gone: it cannot come back under its old identity",
        "add node03: it joins anew",
        "await-vote node03: it votes once it has caught up",
      ],
    },
    {
      title: "only when the others can afford it",
      seen: cluster("1* 2-"),
      services: { node02: "data-lost" },
      want: { join: [wish("node02")] },
      steps: [
        `refused: node02, chainfire: expected 2 of 2 healthy voters to remove it, and 1 of 1 afterwards but found 1 healthy now, 1 without it (node01). ${NOTHING_REMOVED} [QUORUM_AT_RISK]`,
      ],
    },
    {
      title: "silence is no proof: a dead voter of the same name is waited for",
      seen: cluster("1* 2 3-"),
      services: { node03: "silent" },
      want: { join: [wish("node03")] },
      steps: ["await-vote node03: it votes, but is not healthy yet"],
    },
    {
      title: "the same name at another address is refused, also without a leader",
      seen: { members: [...cluster("1 2 3").members, member("node04", { raft_addr: "10.0.200.99:2380" })] },
      want: { join: [wish("node04")] },
      steps: [
        "refused: node04, chainfire: expected raft address 10.0.200.13:2380 but found 10.0.200.99:2380, as the cluster knows it. " +
          "Remove the old member node04 from the cluster, or declare its old address. [MEMBER_ADDRESS_CONFLICT]",
      ],
    },
    {
      title: "the same address under another name is refused",
      seen: {
        ...cluster(THREE),
        members: [...cluster(THREE).members, member("node09", { raft_addr: address("node04") })],
      },
      want: { join: [wish("node04")] },
      steps: [
        "refused: node04, chainfire: expected raft address 10.0.200.13:2380 but found that address is node09's, as the cluster knows it. " +
          "Remove the member node09 from the cluster, or declare another address. [MEMBER_ADDRESS_CONFLICT]",
      ],
    },
    ...[{ join: [wish("node03")] }, { leave: ["node03"] }].map((want) => ({
      title: `two machines claim one id: nobody ${"leave" in want ? "is removed" : "joins"}`,
      seen: {
        ...cluster(THREE),
        members: [...cluster(THREE).members, member("node03", { raft_addr: "10.0.200.99:2380" })],
      },
      want,
      steps: [
        "refused: node03, chainfire: expected one member of that id but found 2, at 10.0.200.12:2380 and 10.0.200.99:2380. " +
          "Two machines claim to be node03. Switch off the one that is not, and remove it with the service's own tool. Nothing was changed. [MEMBER_DUPLICATE]",
      ],
    })),
    {
      title: "an unknown extra member stays as it is: it counts, and nobody removes it",
      seen: cluster("1* 2 3 9"),
      want: { leave: ["node03"] },
      steps: ["remove node03: 3 of 3 others are healthy"],
    },
    {
      title: "dissolution asks nothing of the cluster, even when nobody leads",
      services: { node01: "silent" },
      want: { leave: ["node01"], dissolve: true },
      steps: ["dissolve: all members go: each ends with its machine, and no quorum is needed"],
    },
  ]);

  it("another machine in a member's place: told as one, with what the quorum is meanwhile", () => {
    const planned = planReplacement({ membership: cluster("1* 2 3-"), services: {} }, desired({}), "node03");
    assert.deepEqual(outcome(planned), [
      "remove node03: 2 of 2 others are healthy",
      "add node03: the new machine joins",
      "await-vote node03: it votes once it has caught up",
    ]);
    assert.deepEqual("moments" in planned && planned.moments, [
      { voters: ["node01", "node02", "node03"], healthy: ["node01", "node02"] },
      { voters: ["node01", "node02"], healthy: ["node01", "node02"] },
      { voters: ["node01", "node02", "node03"], healthy: ["node01", "node02", "node03"] },
    ]);
  });
});
