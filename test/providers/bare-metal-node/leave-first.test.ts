import assert from "node:assert/strict";
import { isFlintError } from "../../../foundation/errors.js";
import { type Leaver, leaveFirst } from "../../../providers/bare-metal-node/leave-first.js";
import { eachWithCluster } from "../../drivers/raft/opened-client.js";
import { quietRun } from "./quiet-run.js";
import { serving } from "./serving.js";

/** Nothing listens there. */
const NOBODY = "https://127.0.0.1:1";

describe("BareMetalNode: a machine with an earlier installation on its disks, before these are written", () => {
  const { cluster } = eachWithCluster();
  const told: string[] = [];
  const leaver = (chainfire: Record<string, string> | undefined): Leaver => {
    const { ca, clientCert, clientKey } = cluster().endpoints();
    const run = quietRun({ info: (text) => told.push(text) });
    return {
      ...{ run, signal: run.signal },
      want: {
        ...{ name: "node03", cluster: "dev", ca, cert: clientCert },
        material: { hostKey: "", key: clientKey },
        raft: chainfire && { chainfire, flaredb: { node03: NOBODY } },
        deadlines: { boot: 10, build: 10, install: 10, firstBoot: 2 },
      },
    };
  };
  const removed = () => cluster().seen.filter(({ path }) => path === "/admin/member/remove");

  beforeEach(() => told.splice(0));

  it("leaves a service that still lists it, and says so", async () => {
    const voters = ["node01", "node02", "node03"];
    await cluster().member("node01", serving(voters));
    assert.equal(await leaveFirst(leaver({ ...cluster().urls, node03: NOBODY })), true);
    assert.deepEqual(voters, ["node01", "node02"]);
    assert.deepEqual(
      removed().map(({ body }) => body),
      ['{"id":"node03"}'],
    );
    assert.deepEqual(told, [
      "node03 is a member of Chainfire still, by its earlier installation: it leaves before its disk is written.",
    ]);
  });

  it("has nothing to leave where its members have left, where nobody answers, and where it is a worker", async () => {
    await cluster().member("node01", serving(["node01", "node02"]));
    assert.equal(await leaveFirst(leaver({ ...cluster().urls, node03: NOBODY })), false);
    assert.equal(await leaveFirst(leaver({ node01: NOBODY, node03: NOBODY })), false);
    assert.equal(await leaveFirst(leaver(undefined)), false);
    assert.deepEqual([removed(), told], [[], []]);
  });

  it("leaves nothing of a cluster that is being born: its members name each other before anyone leads", async () => {
    await cluster().member(
      "node01",
      serving(["node01", "node02", "node03"], { leader: "", ill: ["node02", "node03"] }),
    );
    assert.equal(await leaveFirst(leaver({ ...cluster().urls, node03: NOBODY })), false);
    assert.deepEqual(removed(), []);
  });

  it("is refused where those who stay would lose their majority: nothing is written then", async () => {
    const voters = ["node01", "node02", "node03"];
    await cluster().member("node01", serving(voters, { leader: "node01", ill: ["node02"] }));
    await assert.rejects(
      leaveFirst(leaver({ ...cluster().urls, node03: NOBODY })),
      (error) => isFlintError(error, "QUORUM_AT_RISK") && error.subject.includes("leaving the cluster"),
    );
    assert.deepEqual(voters.length, 3);
  });
});
