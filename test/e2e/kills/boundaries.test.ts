import assert from "node:assert/strict";
import { boundaryOf, Coverage } from "./boundaries.js";
import { AfterNewBoundary } from "./moments.js";

describe("kills: the phase that an event of the rack ends", () => {
  const cases: [title: string, event: Parameters<typeof boundaryOf>[0], boundary: string | undefined][] = [
    ["is the same for every machine", { machine: "node07", event: "format" }, "machine: format"],
    [
      "names a file without machine and digest, and how far its record is",
      {
        ...{ machine: "pxe1", event: "command" },
        ...{ what: "wrote /var/lib/flint/sim/nodes/node01/record.json", note: "installing" },
      },
      "pxe1: wrote /var/lib/flint/sim/nodes/NODE/record.json (installing)",
    ],
    [
      "names a file without card and address",
      { machine: "pxe1", event: "command", what: "rm -rf /a/nodes/52-54-00-00-00-01.ipxe /a/keys/10.77.1.2" },
      "pxe1: rm -rf /a/nodes/MAC.ipxe /a/keys/ADDRESS",
    ],
    [
      "is a change of the BMC's",
      { machine: "node01", event: "bmc-request", method: "DELETE", path: "/redfish/v1/SessionService/Sessions/12" },
      "machine: DELETE /redfish/v1/SessionService/Sessions/N",
    ],
    ["is none where it only looks", { machine: "node01", event: "bmc-request", method: "GET", path: "/" }, undefined],
    [
      "is a service that serves",
      { machine: "node01", event: "service", service: "iam", state: "active" },
      "machine: iam serves",
    ],
    [
      "is none while it starts",
      { machine: "node01", event: "service", service: "iam", state: "activating" },
      undefined,
    ],
    [
      "is a member's, by the service",
      { machine: "cluster", event: "member-added", service: "chainfire", id: "node04" },
      "cluster: member-added chainfire",
    ],
  ];
  for (const [title, event, boundary] of cases) it(title, () => assert.equal(boundaryOf(event), boundary));
});

describe("kills: a run is killed", () => {
  const lock = { machine: "pxe1", event: "lock", what: "taken" };
  const format = { machine: "node01", event: "format" };
  const installed = { machine: "node01", event: "installed" };

  it("after the first phase that no run was killed after", () => {
    const coverage = new Coverage();
    coverage.killedAfter("a change", "pxe1: lock taken");
    const moment = new AfterNewBoundary(coverage, "a change");
    assert.equal(moment.hasCome([lock]), false);
    assert.equal(moment.hasCome([]), false);
    assert.equal(moment.hasCome([format]), true);
    assert.equal(moment.boundary, "machine: format");
  });

  it("after a later one, where few kills are spread", () => {
    const moment = new AfterNewBoundary(new Coverage(), "a change", 1);
    assert.equal(moment.hasCome([lock, installed]), true);
    assert.equal(moment.boundary, "machine: installed");
  });

  it("and it is known which phases of which change are left", () => {
    const coverage = new Coverage();
    for (const boundary of ["machine: format", "machine: installed"]) coverage.saw("a change", boundary);
    coverage.saw("another", "machine: format");
    coverage.killedAfter("a change", "machine: format");
    assert.deepEqual(coverage.open("a change"), ["machine: installed"]);
    assert.deepEqual(coverage.allOpen(), ["a change: machine: installed", "another: machine: format"]);
    assert.equal(coverage.covered(), 1);
    assert.equal(
      coverage.report(),
      [
        "a change: killed after 1 of 2 phases",
        "    1 machine: format",
        "    0 machine: installed",
        "another: killed after 0 of 1 phases",
        "    0 machine: format",
      ].join("\n"),
    );
  });
});
