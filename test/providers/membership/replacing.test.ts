import assert from "node:assert/strict";
import { planReplacement } from "../../../providers/membership/plan.js";
import { check } from "./cases.js";
import { address, cluster, desired, member, outcome, wish } from "./sample.js";

const THREE = "1* 2 3";
const NOTHING_REMOVED = "Bring the other members back first, then run `pulumi up` again. Nothing was removed.";

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
          `Two machines claim to be node03. On the one that is not${"join" in want ? " (which is at 10.0.200.12:2380)" : ""}, ` +
          "correct `node_id` in /etc/nixos/secrets/cluster-config.json and restart chainfire and flaredb; if it is gone, " +
          "remove it with the service's own tool by its raft id, not by its name, which both have. Nothing was changed. " +
          "[MEMBER_DUPLICATE]",
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
