import assert from "node:assert/strict";
import type { Sight } from "../../../lab/demo/gather.js";
import { renderSight, renderTimelines, shortcomings } from "../../../lab/demo/report.js";

const raft = (service: string) => ({
  service,
  leader: "node01",
  members: ["node01", "node02"].map((id, i) => ({
    id,
    raft_addr: `10.0.200.1${i}:2380`,
    role: i === 0 ? "leader" : "follower",
  })),
  writtenOn: "node01",
  readBack: { node02: true },
});
const whole: Sight = {
  raft: [raft("chainfire"), raft("flaredb")],
  health: { chainfire: { node01: "200", node02: "200" }, iam: { node01: "200" } },
};

describe("the demo's report", () => {
  it("shows members, leaders, replication and health", () => {
    assert.equal(
      renderSight(whole),
      [
        "service    members        leader  key written on  read back on",
        "─────────  ─────────────  ──────  ──────────────  ────────────",
        "Chainfire  node01 node02  node01  node01          ✓ node02",
        "FlareDB    node01 node02  node01  node01          ✓ node02",
        "",
        "node    Chainfire  IAM",
        "──────  ─────────  ─────",
        "node01  ✓ 200      ✓ 200",
        "node02  ✓ 200      –",
      ].join("\n"),
    );
    assert.deepEqual(shortcomings(whole, ["node01", "node02"]), []);
  });

  it("names everything that is missing", () => {
    const [first, second] = whole.raft;
    const broken: Sight = {
      raft: [
        { ...(first ?? raft("chainfire")), leader: "none" },
        { ...(second ?? raft("flaredb")), readBack: { node02: false } },
      ],
      health: { iam: { node01: "503" } },
    };
    assert.deepEqual(shortcomings(broken, ["node01", "node02", "node03"]), [
      "Chainfire: node03 not voting",
      "Chainfire: no leader",
      "FlareDB: node03 not voting",
      "FlareDB: the key did not come back from node02",
      "IAM on node01 answers 503",
    ]);
  });

  it("shows when each node reached each phase", () => {
    assert.equal(
      renderTimelines({ node01: { "powered-on": 1.25, ready: 60 }, node02: { ready: 61.5 } }),
      [
        "seconds until  node01  node02",
        "─────────────  ──────  ──────",
        "powered on     1.3",
        "ready          60.0    61.5",
      ].join("\n"),
    );
  });
});
