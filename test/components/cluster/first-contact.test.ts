// limit: 600 s
import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { join } from "node:path";
import type { RedfishBmcArgs } from "../../../components/cluster/args.js";
import { type RedfishBench, redfishBench, tls } from "../../drivers/bmc/redfish/bench.js";
import { portOf } from "../../loopback.js";
import { sampleCluster, sampleNode } from "./sample.js";
import { StateProject } from "./state-project.js";

/** Takes connections and says nothing, as a frozen BMC does. */
function silent(): Promise<Server> {
  const server = createServer(() => {});
  return new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(server)));
}

const BMCS = ["unknown", "otherCa", "ownCa", "pinned"] as const;
type Which = (typeof BMCS)[number];

describe("the first preview of a machine, under the real CLI", function () {
  this.timeout(250_000);
  const project = new StateProject();
  const bmcs = {} as Record<Which, RedfishBench>;
  const handshakes: Which[] = [];
  let frozen: Server;
  let output: string;

  const declare = (machines: readonly RedfishBmcArgs[]) =>
    project.declare(
      sampleCluster((cluster) => {
        Object.assign(cluster.pxe, { prepare: false });
        cluster.system = { flake: "./nix", inputs: { flint: "./nix" } };
        cluster.nodes = Object.fromEntries(
          machines.map((bmc, i) => [
            `node0${i + 1}`,
            sampleNode(i + 1, { bmc, ...(i < 3 ? {} : { profile: "worker" }) }),
          ]),
        );
      }),
    );
  const behind = (which: Which, system: number, trust: Partial<RedfishBmcArgs> = {}): RedfishBmcArgs => ({
    redfish: bmcs[which].address.url,
    system: `/redfish/v1/Systems/${system}`,
    ...trust,
  });
  const known = () => [
    behind("otherCa", 1, { ca: tls.otherCa }),
    behind("ownCa", 1, { ca: tls.ca }),
    behind("pinned", 1, { fingerprint: tls.fingerprint }),
    { redfish: `https://127.0.0.1:${portOf(frozen)}` },
  ];
  const warningOf = (which: Which) =>
    `The BMC at ${bmcs[which].address.url} is not known: nothing that is declared verifies its certificate ` +
    "(UNABLE_TO_VERIFY_LEAF_SIGNATURE). Compare the fingerprint below with the BMC's own page, then add this line to the " +
    "machine's bmc; `pulumi up` refuses it until then.";
  const shown = () => output.split(`fingerprint: ${tls.fingerprint}`).length - 1;

  before(async () => {
    for (const which of BMCS) {
      bmcs[which] = await redfishBench();
      bmcs[which].server.on("connection", () => void handshakes.push(which));
    }
    frozen = await silent();
    mkdirSync(join(project.directory, "nix"), { recursive: true });
    writeFileSync(join(project.directory, "nix/flake.nix"), "{}\n");
    await project.pulumi("stack", "init", "dev");
    declare([...known(), behind("unknown", 1), behind("unknown", 2)]);
    output = await project.pulumi("preview");
  });
  after(async () => {
    project.remove();
    frozen.close();
    for (const bmc of Object.values(bmcs)) await bmc[Symbol.asyncDispose]();
  });

  it("shows the fingerprint of each BMC that nothing verifies once, with what to do", () => {
    for (const which of ["unknown", "otherCa"] as const) assert.ok(output.includes(warningOf(which)), output);
    assert.equal(shown(), 2);
  });

  it("says nothing of one whose CA is declared, and leaves alone what is pinned", () => {
    for (const which of ["ownCa", "pinned"] as const) assert.ok(!output.includes(bmcs[which].address.url), output);
    assert.deepEqual(handshakes.toSorted(), ["otherCa", "ownCa", "unknown"]);
  });

  it("sends nothing to any of them", () => {
    for (const bmc of Object.values(bmcs)) assert.deepEqual(bmc.requests, []);
  });

  it("looks at the BMC of a machine that is added, and at no other's", async () => {
    declare(known());
    await project.pulumi("up", "--yes", "--skip-preview");
    handshakes.length = 0;
    declare([...known(), behind("unknown", 1)]);
    output = await project.pulumi("preview");
    assert.deepEqual(handshakes, ["unknown"]);
    assert.equal(shown(), 1);
  });
});
