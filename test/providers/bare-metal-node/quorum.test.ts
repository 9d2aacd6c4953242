import assert from "node:assert/strict";
import type { Membership } from "../../../drivers/raft/driver.js";
import { refuseLosingQuorum, refuseWithoutAnswer } from "../../../providers/bare-metal-node/quorum.js";

/** "+++" three healthy voters, "-" an unhealthy one, "?" one of which nothing is known, "l" a learner. The first is node01. */
const membership = (text: string): Membership => ({
  leader: "node01",
  members: [...text].map((sign, i) => ({
    id: `node0${i + 1}`,
    raft_addr: `10.0.200.${10 + i}:2380`,
    role: sign === "l" ? "learner" : i === 0 ? "leader" : "follower",
    ...(sign === "?" ? {} : { healthy: sign !== "-" }),
  })),
});

const TWO =
  "Two voters can never spare one: add a third control-plane node. Or, when a pause of the services does no harm, restart " +
  "node01 by hand (`systemctl reboot`) and run `pulumi up` again. Nothing was restarted, and no data is lost by a restart.";

describe("BareMetalNode: may this voter be restarted?", () => {
  for (const text of [
    "+",
    "-",
    "+++",
    "-++",
    "+?+",
    "++++",
    "+++++",
    "+-+++",
    "+--++".replace("--", "-+"),
    "+++l",
    "l+++",
    "l+--",
  ])
    it(`yes: ${text}`, () => refuseLosingQuorum("chainfire", "node01", membership(text)));

  const refused: [string, string, string][] = [
    ["++", "2 of 2", "only 1 without it (node02)"],
    ["+-", "2 of 2", "only 0 without it (none)"],
    ["++-", "2 of 3", "only 1 without it (node02)"],
    ["+--", "2 of 3", "only 0 without it (none)"],
    ["+++-", "3 of 4", "only 2 without it (node02, node03)"],
    ["++l", "2 of 2", "only 1 without it (node02)"],
    ["+++--", "3 of 5", "only 2 without it (node02, node03)"],
  ];
  for (const [text, majority, without] of refused)
    it(`no: ${text}, ${without}`, () =>
      assert.throws(() => refuseLosingQuorum("chainfire", "node01", membership(text)), {
        name: "FlintError",
        message:
          `node01, chainfire: expected ${majority} voters to stay healthy while it restarts but found ${without}. ` +
          `${majority === "2 of 2" && !text.includes("-") ? TWO : "Bring the other members back first, then run `pulumi up` again. Nothing was restarted."} [QUORUM_AT_RISK]`,
      }));

  it("its services alone, where two of two are healthy: yes, and a pause is told", () => {
    assert.equal(
      refuseLosingQuorum("chainfire", "node01", membership("++"), "services"),
      "node01, chainfire: two voters can spare none; it pauses for this restart.",
    );
    assert.equal(refuseLosingQuorum("chainfire", "node01", membership("+++"), "services"), undefined);
  });
  for (const text of ["+-", "++-", "+++-"])
    it(`its services alone: no: ${text}`, () =>
      assert.throws(() => refuseLosingQuorum("chainfire", "node01", membership(text), "services"), {
        code: "QUORUM_AT_RISK",
      }));

  it("no: nobody answers, and it has voted", () =>
    assert.equal(
      refuseWithoutAnswer("chainfire", "node01").message,
      "node01, chainfire: expected a leader to say who is healthy before it restarts but found no member that knows of one, " +
        "although it has voted before. Bring the members of chainfire back (`systemctl status chainfire` on each), then run " +
        "`pulumi up` again; or, if a restart is what brings this one back, restart it by hand. Nothing was restarted. [QUORUM_UNKNOWN]",
    ));

  it("a machine that is no member may always be restarted", () =>
    refuseLosingQuorum("chainfire", "worker01", membership("+--")));
});
