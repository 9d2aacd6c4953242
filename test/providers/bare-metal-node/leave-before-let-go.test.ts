import assert from "node:assert/strict";
import { isFlintError } from "../../../foundation/errors.js";
import { type Leaver, leaveBeforeLetGo } from "../../../providers/bare-metal-node/leave-before-let-go.js";
import { hasLeft, noLongerAway } from "../../../providers/membership/away.js";
import { forgetDeclared, noteDeclared } from "../../../providers/membership/declared.js";
import { configure } from "../../../providers/runtime/shared.js";
import { eachWithCluster } from "../../drivers/raft/opened-client.js";
import { startSshd, type TestSshd } from "../../drivers/ssh/sshd.js";
import { quietRun } from "./quiet-run.js";
import { serving } from "./serving.js";

/** Nothing listens there. */
const NOBODY = "https://127.0.0.1:1";
const SELF = "urn:pulumi:prod::rack::flint:index:ClusterComponent$pulumi-nodejs:dynamic/flint:BareMetalNode::node03";
const EVERYBODY = ["node01", "node02", "node03"];

describe("BareMetalNode: a machine that is let go, and whose members the state may not know", function () {
  this.timeout(30_000);
  const { cluster } = eachWithCluster();
  const told: string[] = [];
  let machine: TestSshd;
  let hasVoted = true;

  /** It was up once, unless `toplevel` is empty. */
  const leaver = ({ toplevel = "/nix/store/a-nixos", answers = false, votes = true } = {}): Leaver => {
    const before = { toplevel, digests: { data: "x", ...(votes ? { raft: "y" } : {}) } };
    const run = quietRun({ operation: "delete", before, info: (text) => told.push(text) });
    return {
      ...{ run, signal: run.signal, want: { cluster: "dev", name: "node03", self: SELF } },
      systemTarget: () => ({ ...machine.target, ...(answers ? {} : { port: 1 }) }),
      system: async () => ({ exec: async () => ({ code: hasVoted ? 0 : 1, stdout: "", stderr: "" }) }),
    };
  };
  const declare = (chainfire: Record<string, string> = { ...cluster().urls, node03: NOBODY }) =>
    noteDeclared("dev", { chainfire, flaredb: { node01: NOBODY } });
  const removed = () => cluster().seen.filter(({ path }) => path === "/admin/member/remove");

  before(async () => {
    machine = await startSshd("node03");
  });
  beforeEach(() => {
    told.splice(0);
    hasVoted = true;
    const { ca, clientCert, clientKey } = cluster().endpoints();
    configure({ config: { get: () => JSON.stringify({ ca, clientCert, clientKey }) } });
  });
  afterEach(() => {
    forgetDeclared();
    for (const service of ["chainfire", "flaredb"]) noLongerAway("dev", service, "node03");
    configure({ config: { get: () => "{}" } });
  });
  after(() => machine[Symbol.asyncDispose]());

  it("leaves a service that still lists it, and says so", async () => {
    const voters = [...EVERYBODY];
    await cluster().member("node01", serving(voters));
    declare();
    await leaveBeforeLetGo(leaver());
    assert.deepEqual(voters, ["node01", "node02"]);
    assert.deepEqual(
      removed().map(({ body }) => body),
      ['{"id":"node03"}'],
    );
    assert.deepEqual(told, [
      "node03 is a member of Chainfire, which the state does not know: it leaves before it is let go.",
    ]);
  });

  it("as resources of their own its members have left in this very run: nobody is asked", async () => {
    await cluster().member("node01", serving([...EVERYBODY], { leader: "" }));
    declare();
    hasLeft("dev", "chainfire", "node03");
    await leaveBeforeLetGo(leaver());
    assert.deepEqual(cluster().seen, []);
  });

  it("has nothing to leave where its members have left, or never were", async () => {
    await cluster().member("node01", serving(["node01", "node02"]));
    declare();
    await leaveBeforeLetGo(leaver());
    assert.deepEqual([removed(), told], [[], []]);
  });

  it("where the whole cluster ends, nobody is asked", async () => {
    await cluster().member("node01", serving([...EVERYBODY]));
    noteDeclared("another", { chainfire: cluster().urls, flaredb: cluster().urls });
    await leaveBeforeLetGo(leaver());
    assert.deepEqual(cluster().seen, []);
  });

  it("is refused where those who stay would lose their majority", async () => {
    const voters = [...EVERYBODY];
    await cluster().member("node01", serving(voters, { ill: ["node02"] }));
    declare();
    await assert.rejects(leaveBeforeLetGo(leaver(), 2), (error) => isFlintError(error, "QUORUM_AT_RISK"));
    assert.deepEqual(voters, EVERYBODY);
  });

  it("is refused where nobody leads, and those who answer list it", async () => {
    await cluster().member("node01", serving([...EVERYBODY], { leader: "", ill: ["node02", "node03"] }));
    declare();
    await assert.rejects(leaveBeforeLetGo(leaver(), 2), (error) => isFlintError(error, "QUORUM_LOST"));
    assert.deepEqual(removed(), []);
  });

  it("one that never came up has nothing to leave of a cluster that is being born", async () => {
    await cluster().member("node01", serving([...EVERYBODY], { leader: "", ill: ["node02", "node03"] }));
    declare();
    await leaveBeforeLetGo(leaver({ toplevel: "" }), 2);
    assert.deepEqual([removed(), told], [[], []]);
  });

  it("one that runs and has voted is kept while no member answers", async () => {
    declare({ node01: NOBODY });
    await assert.rejects(leaveBeforeLetGo(leaver({ answers: true })), {
      message:
        "node03, chainfire: expected a leader to say who goes on without it but found no answer from any member, although it has " +
        "voted before. Bring the members of chainfire back (`systemctl status chainfire` on each), then run the same command again. " +
        "Nothing was changed. [QUORUM_UNKNOWN]",
    });
    hasVoted = false;
    await leaveBeforeLetGo(leaver({ answers: true }));
  });

  it("one that does not answer is no member that lives: nobody's silence keeps it", async () => {
    declare({ node01: NOBODY });
    await leaveBeforeLetGo(leaver());
    assert.deepEqual(told, []);
  });

  describe("in a run whose targets name it, and no voter that stays", () => {
    const REFUSED =
      "node03: expected a voter that stays, to say who goes on without it but found that `--target` names this machine, and none " +
      "that stays. Take node03 out of the stack file and run `pulumi up` without `--target`, or with another one for the machine of a " +
      "voter that stays. To end the whole cluster, target its ClusterComponent. Nothing was done to it. [QUORUM_UNKNOWN]";
    const letGo = (more: Parameters<typeof leaver>[0], targets = [SELF]) => leaveBeforeLetGo(leaver(more), 2, targets);

    it("it is kept when it has voted, and when it does not say so", async () => {
      await assert.rejects(letGo({ answers: true }), { message: REFUSED });
      await assert.rejects(letGo({ answers: false }), { message: REFUSED });
      assert.deepEqual(cluster().seen, []);
    });

    it("it is let go when it never voted, was never up, or is no voter", async () => {
      await letGo({ toplevel: "" });
      await letGo({ answers: false, votes: false });
      hasVoted = false;
      await letGo({ answers: true });
    });

    it("it is let go when its members have left as resources of their own: those of both services", async () => {
      hasLeft("dev", "chainfire", "node03");
      await assert.rejects(letGo({}), { message: REFUSED });
      hasLeft("dev", "flaredb", "node03");
      await letGo({});
    });

    it("it is let go with its cluster, where the targets are that or all machines", async () => {
      for (const target of ["urn:pulumi:prod::rack::flint:index:ClusterComponent::prod", "**BareMetalNode::*"])
        await letGo({ answers: true }, [target]);
    });

    it("where a voter that stays is a target, too, that one is asked", async () => {
      const voters = [...EVERYBODY];
      await cluster().member("node01", serving(voters));
      declare();
      await letGo({});
      assert.deepEqual(voters, ["node01", "node02"]);
    });
  });
});
