import assert from "node:assert/strict";
import { lifeSigns } from "../../../providers/bare-metal-node/life-signs.js";
import type { Behaviour } from "../../drivers/raft/fake-cluster.js";
import { eachWithCluster } from "../../drivers/raft/opened-client.js";

/** Nothing listens there. */
const NOBODY = "https://127.0.0.1:1";

const says =
  (status: number, health = true): Behaviour =>
  ({ path }) =>
    path === "/health"
      ? { status, body: {} }
      : {
          status: 200,
          body: {
            leader: "node01",
            members: ["node01", "node02"].map((id) => ({
              id,
              raft_addr: `${id}:2380`,
              role: "follower",
              healthy: health,
            })),
          },
        };

describe("BareMetalNode: what serves on a machine that ssh does not reach", () => {
  const { cluster } = eachWithCluster();
  /** Of node02: a voter with these members of Chainfire, or a worker with these services. */
  const signs = (of: { chainfire?: Record<string, string>; services?: Record<string, string>; ca?: string }) => {
    const { ca, clientCert, clientKey } = cluster().endpoints();
    const { chainfire, services } = of;
    return lifeSigns({
      signal: new AbortController().signal,
      want: {
        ...{ name: "node02", cluster: "dev", ca: of.ca ?? ca, cert: clientCert },
        material: { hostKey: "", key: clientKey },
        raft: chainfire && { chainfire, flaredb: { node02: NOBODY } },
        services,
      },
    });
  };

  it("nothing, where nobody listens and nobody else is there", async () => {
    assert.deepEqual(await signs({ chainfire: { node01: NOBODY, node02: NOBODY } }), []);
    assert.deepEqual(await signs({ services: { plasmavmc: NOBODY } }), []);
    assert.deepEqual(await signs({}), []);
  });

  it("a voter's own services, healthy or not", async () => {
    for (const status of [200, 503]) {
      await cluster().member("node02", says(status));
      const { node02 = "" } = cluster().urls;
      assert.deepEqual(await signs({ chainfire: { node01: NOBODY, node02 } }), [
        { service: "chainfire", url: node02, answer: String(status) },
      ]);
    }
  });

  it("a worker's PlasmaVMC", async () => {
    await cluster().member("node02", says(200));
    const { node02: plasmavmc = "" } = cluster().urls;
    assert.deepEqual(await signs({ services: { plasmavmc } }), [
      { service: "plasmavmc", url: plasmavmc, answer: "200" },
    ]);
  });

  it("a service whose certificate nobody here trusts: the keys may be lost, too", async () => {
    await cluster().member("node02", says(200), "elsewhere");
    const { node02: plasmavmc = "" } = cluster().urls;
    assert.deepEqual(await signs({ services: { plasmavmc } }), [
      { service: "plasmavmc", url: plasmavmc, answer: "with the certificate of elsewhere" },
    ]);
  });

  it("a voter that nobody reaches here, and that the others list as healthy", async () => {
    await cluster().member("node01", says(200));
    const { node01 = "" } = cluster().urls;
    assert.deepEqual(await signs({ chainfire: { node01, node02: NOBODY } }), [
      { service: "chainfire", listed: "healthy" },
    ]);
  });

  it("not one that they list as ill: it may be an empty machine in its place", async () => {
    await cluster().member("node01", says(200, false));
    const { node01 = "" } = cluster().urls;
    assert.deepEqual(await signs({ chainfire: { node01, node02: NOBODY } }), []);
  });
});
