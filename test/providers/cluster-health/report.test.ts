import assert from "node:assert/strict";
import type { Membership } from "../../../drivers/raft/driver.js";
import {
  isLed,
  leftOf,
  problemsOf,
  remedyOf,
  reportOf,
  type Sight,
  stateOf,
  strangersIn,
  summaryOf,
  withoutMembers,
} from "../../../providers/cluster-health/report.js";
import type { HealthInputs } from "../../../providers/cluster-health/schema.js";

const VOTERS = ["node01", "node02", "node03"];
const PORTS = { chainfire: 2379, flaredb: 2479, iam: 8080, plasmavmc: 8081 };

const want: HealthInputs = {
  cluster: "dev",
  domain: "dev.example.com",
  nodes: {
    ...Object.fromEntries(
      VOTERS.map((name, i) => [
        name,
        { profile: "control-plane" as const, address: `10.0.100.${50 + i}`, voter: true, ports: PORTS },
      ]),
    ),
    worker01: { profile: "worker", address: "10.0.100.60", voter: false, ports: { plasmavmc: 8081 } },
  },
  ca: "",
  clientCert: "",
  clientKey: "",
  deadlines: { health: 1 },
};

const members = (leader: string | undefined, ids = VOTERS): Membership => ({
  ...(leader === undefined ? {} : { leader }),
  members: ids.map((id, i) => ({
    id,
    raft_addr: `10.0.200.${10 + i}:2380`,
    role: id === leader ? "leader" : "follower",
    healthy: true,
  })),
});

const healthy: Sight = {
  raft: { chainfire: members("node01"), flaredb: members("node02") },
  notReplicated: { chainfire: [], flaredb: [] },
  endpoints: { "chainfire on node01": "200", "iam on node02": "200", "plasmavmc on worker01": "200" },
  untimely: [],
};
const chainfire = (membership: Membership | undefined, stale: string[] = []): Sight => ({
  ...healthy,
  raft: { ...healthy.raft, chainfire: membership },
  notReplicated: { ...healthy.notReplicated, chainfire: stale },
});

describe("ClusterHealth: what is not as declared", () => {
  const table: [string, Sight, string[]][] = [
    ["everything as declared", healthy, []],
    ["a service that does not answer", chainfire(undefined), ["Chainfire: no member answers"]],
    ["no leader", chainfire(members(undefined)), ["Chainfire: no leader"]],
    ["one that does not vote", chainfire(members("node01", ["node01", "node02"])), ["Chainfire: node03 does not vote"]],
    ["two that do not vote", chainfire(members("node01", ["node01"])), ["Chainfire: node02, node03 do not vote"]],
    [
      "a learner does not vote",
      chainfire({
        ...members("node01"),
        members: members("node01").members.map((each) => (each.id === "node03" ? { ...each, role: "learner" } : each)),
      }),
      ["Chainfire: node03 does not vote"],
    ],
    [
      "one that is ill",
      chainfire({
        ...members("node01"),
        members: members("node01").members.map((each) => ({ ...each, healthy: each.id !== "node02" })),
      }),
      ["Chainfire: node02 not healthy"],
    ],
    [
      "a value that did not arrive everywhere",
      chainfire(members("node01"), ["node02", "node03"]),
      ["Chainfire: a written value did not come back from node02, node03"],
    ],
    [
      "endpoints",
      {
        ...healthy,
        endpoints: { "iam on node01": "503", "iam on node02": "200", "plasmavmc on worker01": "ECONNREFUSED" },
      },
      ["iam on node01 answers 503", "plasmavmc on worker01 answers ECONNREFUSED"],
    ],
    [
      "everything at once, in the order of the services",
      {
        raft: { chainfire: undefined, flaredb: members(undefined, ["node01"]) },
        notReplicated: { chainfire: [], flaredb: [] },
        endpoints: { "iam on node01": "nothing within 5 s" },
        untimely: [],
      },
      [
        "Chainfire: no member answers",
        "FlareDB: no leader",
        "FlareDB: node02, node03 do not vote",
        "iam on node01 answers nothing within 5 s",
      ],
    ],
  ];
  for (const [title, sight, problems] of table) it(title, () => assert.deepEqual(problemsOf(want, sight), problems));

  it("a member that was not declared is not this resource's business", () => {
    const more = chainfire({
      ...members("node01"),
      members: [...members("node01").members, ...members("x", ["node09"]).members],
    });
    assert.deepEqual(problemsOf(want, more), []);
  });

  it("sums up in one line", () => {
    assert.equal(
      summaryOf(want, healthy),
      "4 nodes healthy; Chainfire 3 members, leader node01; FlareDB 3 members, leader node02",
    );
    const { node01 } = want.nodes;
    assert.ok(node01);
    const one: Sight = { ...healthy, raft: { chainfire: members("node01", ["node01"]), flaredb: undefined } };
    assert.equal(
      summaryOf({ ...want, nodes: { node01 } }, one),
      "1 node healthy; Chainfire 1 member, leader node01; FlareDB 0 members, leader none",
    );
  });
});

describe("ClusterHealth: members that the same run takes out", () => {
  it("are left out of what is told, for they are gone when it is read", () => {
    const { node03: _, ...nodes } = want.nodes;
    const stay = withoutMembers(healthy, ["node03"]);
    assert.match(summaryOf({ ...want, nodes }, stay), /^3 nodes healthy; Chainfire 2 members, .*; FlareDB 2 members, /);
    assert.deepEqual(reportOf({ ...want, nodes }, stay).raft.chainfire?.voters, ["node01", "node02"]);
    const led = withoutMembers(healthy, ["node01"]);
    assert.match(summaryOf(want, led), /Chainfire 2 members, leader another than before; /);
    assert.equal(reportOf(want, led).raft.chainfire?.leader, undefined);
  });
});

describe("ClusterHealth: whether it works", () => {
  const answers = (endpoints: Record<string, string>): Sight => ({ ...healthy, endpoints });
  const table: [string, Sight, string][] = [
    ["as declared", healthy, "healthy"],
    ["a member that does not vote", chainfire(members("node01", ["node01", "node02"])), "degraded"],
    ["a value that did not arrive everywhere", chainfire(members("node01"), ["node02"]), "degraded"],
    ["one IAM of two", answers({ "iam on node01": "503", "iam on node02": "200" }), "degraded"],
    ["no leader", chainfire(members(undefined)), "failed"],
    ["nobody answers", chainfire(undefined), "failed"],
    ["no value arrives anywhere", chainfire(members("node01"), VOTERS), "failed"],
    ["no IAM", answers({ "iam on node01": "503", "iam on node02": "ECONNREFUSED" }), "failed"],
    ["no PlasmaVMC", answers({ "iam on node01": "200", "plasmavmc on worker01": "503" }), "failed"],
  ];
  for (const [title, sight, state] of table) it(`${title}: ${state}`, () => assert.equal(stateOf(want, sight), state));

  it("a monitor gets members, quorum, answers and problems", () => {
    const ill = members("node01").members.map((each) => ({ ...each, healthy: each.id !== "node03" }));
    const sight = chainfire({ ...members("node01"), term: 7, members: ill });
    assert.deepEqual(reportOf(want, { ...sight, raft: { ...sight.raft, flaredb: undefined } }), {
      state: "failed",
      raft: { chainfire: { leader: "node01", term: 7, voters: VOTERS, healthy: 2, quorum: 2, mayFail: 0 } },
      endpoints: healthy.endpoints,
      problems: ["Chainfire: node03 not healthy", "FlareDB: no member answers"],
      undeclared: [],
    });
  });
});

describe("ClusterHealth: members that nobody declared", () => {
  const two = members("node01", [...VOTERS, "node09", "worker01"]);
  const named = (id: string, address: string, what: string, leader = "https://10.0.100.50:2379") =>
    `Chainfire: ${id} at ${address} is a ${what}: declare it, or remove it with POST ${leader}/admin/member/remove ` +
    `{"id": "${id}"} at the leader (with \`clientCert\` and \`clientKey\` of \`pulumi stack output clusterInfo ` +
    "--show-secrets`) and switch it off.";
  const counts = "voter, but not declared. It counts for the quorum";

  it("are named with what to do, also where a worker votes", () =>
    assert.deepEqual(strangersIn(want, chainfire(two)), [
      named("node09", "10.0.200.13:2380", counts),
      named("worker01", "10.0.200.14:2380", counts),
    ]));
  it("a learner has no vote, and is in the way of others", () => {
    const learning = members("node01", [...VOTERS, "node09"]).members.map((each) =>
      each.id === "node09" ? { ...each, role: "learner" as const } : each,
    );
    assert.deepEqual(strangersIn(want, chainfire({ ...members("node01"), members: learning })), [
      named("node09", "10.0.200.13:2380", "learner, but not declared. Nobody else can join meanwhile"),
    ]);
  });
  it("one that leads is asked to go at an address that is not known here", () =>
    assert.deepEqual(strangersIn(want, chainfire(members("node09", [...VOTERS, "node09"]))), [
      named("node09", "10.0.200.13:2380", counts, ""),
    ]));
  it("but not those that this very run takes out", () =>
    assert.deepEqual(strangersIn(want, withoutMembers(chainfire(two), ["node09"])), [
      named("worker01", "10.0.200.14:2380", counts),
    ]));
  it("nobody, when all are declared or nobody answers", () => {
    assert.deepEqual(strangersIn(want, healthy), []);
    assert.deepEqual(strangersIn(want, chainfire(undefined)), []);
  });
});

describe("ClusterHealth: what to do", () => {
  it("about services that are not healthy: their journals", () =>
    assert.equal(
      remedyOf(want, chainfire(undefined)),
      "See the journal of the services named, then run `pulumi up` again.",
    ));
  it("about certificates that have expired: they are renewed", () =>
    assert.equal(
      remedyOf(want, { ...healthy, untimely: ["iam on node01"] }),
      "If the clock here is right, run `pulumi refresh` and `pulumi up`: they put valid certificates on the machines and " +
        "restart their services.",
    ));
  it("about a voter that has left, as by a removal that was cut off and taken back: a look at it, for the state has it", () =>
    assert.equal(
      remedyOf(want, chainfire(members("node01", VOTERS.slice(0, 2)))),
      "`pulumi up --refresh` looks whether node03 has left, and makes it a member again.",
    ));
  it("about two machines of one name: they are told apart, and neither is removed by that name", () => {
    const twice = chainfire(members("node01", [...VOTERS, "node03"]));
    assert.deepEqual(problemsOf(want, twice), [
      "Chainfire: two machines claim to be node03, at 10.0.200.12:2380 and 10.0.200.13:2380",
    ]);
    assert.equal(stateOf(want, twice), "degraded");
    assert.equal(
      remedyOf(want, twice),
      "Two machines claim to be node03. On the one that is not, correct `node_id` in " +
        "/etc/nixos/secrets/cluster-config.json and restart chainfire and flaredb; if it is gone, remove it with the " +
        "service's own tool by its raft id, not by its name, which both have.",
    );
  });
});

describe("ClusterHealth: nodes that an earlier run had begun to take out, or to add", () => {
  const left = (membership: Membership | undefined, names = ["node03"]) => leftOf(names, want, chainfire(membership));

  it("have left where a leader lists them no more", () => {
    assert.deepEqual(left(members("node01", ["node01", "node02"])), ["node03"]);
    assert.deepEqual(left(members("node01", ["node01"]), ["node02"]), ["node02"]);
  });

  it("have not where they vote, or learn, or where nobody tells", () => {
    assert.deepEqual(left(members("node01")), []);
    const { members: [node01, node02, node03] = [] } = members("node01");
    assert.ok(node01 && node02 && node03);
    assert.deepEqual(left({ leader: "node01", members: [node01, node02, { ...node03, role: "learner" }] }), []);
    assert.deepEqual(left(members(undefined, ["node01", "node02"])), []);
    assert.deepEqual(left(undefined), []);
  });

  it("are known where both services have a leader, who tells", () => {
    assert.equal(isLed(chainfire(members("node01"))), true);
    assert.equal(isLed(chainfire(members(undefined))), false);
    assert.equal(isLed(chainfire(undefined)), false);
  });

  it("never voted, as a worker", () => {
    assert.deepEqual(left(members("node01", ["node01", "node02"]), ["worker01"]), []);
  });
});
