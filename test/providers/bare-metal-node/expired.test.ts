import assert from "node:assert/strict";
import type { Membership } from "../../../drivers/raft/driver.js";
import { comesBackAlone, expiredSince } from "../../../providers/bare-metal-node/expired.js";
import type { Behaviour } from "../../drivers/raft/fake-cluster.js";
import { eachWithCluster } from "../../drivers/raft/opened-client.js";

const THREE = ["node01", "node02", "node03"];

/** A leader's list of three voters; `ill` are not healthy. */
const listed = (leader: string | undefined, ...ill: string[]): Membership => ({
  ...(leader === undefined ? {} : { leader }),
  members: THREE.map((id, index) => ({
    id,
    raft_addr: `10.0.200.${10 + index}:2380`,
    role: id === leader ? "leader" : "follower",
    healthy: !ill.includes(id),
  })),
});
const says =
  (membership: Membership): Behaviour =>
  () => ({ status: 200, body: membership });

describe("BareMetalNode: a voter whose certificate has expired", () => {
  const { cluster, open } = eachWithCluster();
  const warned =
    "node03, chainfire: its certificate expired on 2001-02-05 00:00 UTC, and the others have no majority without it, or cannot " +
    "say so. It gets a valid one and is restarted all the same: nobody can call it as it is.";
  /** What is answered and warned of node03, whose own certificate has expired. */
  const answer = async () => {
    const warnings: string[] = [];
    const since = new Date("2001-02-05T00:00:00Z");
    const alone = await comesBackAlone(
      open(),
      { node: "node03", service: "chainfire", since },
      { signal: new AbortController().signal, warn: (text) => warnings.push(text) },
    );
    return { alone, warnings };
  };

  it("is told by the certificate that it shows, where its own clock agrees", async () => {
    await cluster().member("node01", says(listed("node01")));
    await cluster().member("node03", says(listed("node01")), "expired");
    const { ca, urls } = cluster().endpoints();
    const since = (id: string, now = "2001-02-05T00:01:00Z") =>
      expiredSince(urls[id] ?? "", { ca, signal: new AbortController().signal, clock: async () => new Date(now) });
    assert.deepEqual(await since("node03"), new Date("2001-02-05T00:00:00Z"));
    assert.equal(await since("node03", "2001-02-04T23:59:00Z"), undefined);
    assert.equal(await since("node01"), undefined);
    cluster().stop("node01");
    assert.equal(await since("node01"), undefined);
  });

  it("is waited for, where the others lead and keep the majority", async () => {
    await cluster().member("node01", says(listed("node01", "node03")));
    await cluster().member("node03", says(listed("node01")), "expired");
    assert.deepEqual(await answer(), { alone: true, warnings: [] });
  });

  it("is restarted and not waited for, where all have expired", async () => {
    for (const id of THREE) await cluster().member(id, says(listed("node01")), "expired");
    assert.deepEqual(await answer(), { alone: false, warnings: [warned] });
  });

  it("so it is where one was renewed before it, which leads nobody yet", async () => {
    await cluster().member("node01", says(listed(undefined, ...THREE)));
    for (const id of ["node02", "node03"]) await cluster().member(id, says(listed("node01")), "expired");
    assert.deepEqual(await answer(), { alone: false, warnings: [warned] });
  });

  it("so it is where another one is ill", async () => {
    await cluster().member("node01", says(listed("node01", "node02", "node03")));
    await cluster().member("node03", says(listed("node01")), "expired");
    assert.deepEqual(await answer(), { alone: false, warnings: [warned] });
  });
});
