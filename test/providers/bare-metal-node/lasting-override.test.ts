import assert from "node:assert/strict";
import { NodeContext } from "../../../providers/bare-metal-node/context.js";
import { endOverride } from "../../../providers/bare-metal-node/lasting-override.js";
import type { NodeRecord } from "../../../providers/bare-metal-node/record.js";
import type { StoredNode } from "../../../providers/bare-metal-node/schema.js";
import { tls } from "../../drivers/bmc/redfish/bench.js";
import { BmcOnLoopback, PASSWORD } from "../../lab/redfish/bmc-on-loopback.js";
import { quietRun } from "./quiet-run.js";

const SYSTEM = "/redfish/v1/Systems/1";
const LASTING = { Boot: { BootSourceOverrideEnabled: "Continuous", BootSourceOverrideTarget: "Pxe" } };

const RECORD: NodeRecord = { version: 1, node: "node01", mark: "flint-00000000", nonce: "ab", phase: "booting" };

describe("BareMetalNode: a boot source that lasts", function () {
  this.timeout(120_000);
  let bmc: BmcOnLoopback;
  const warnings: string[] = [];
  const run = quietRun({ warn: (text) => void warnings.push(text) });
  const node = () => {
    const want: StoredNode = {
      cluster: "dev",
      name: "node01",
      mac: "52:54:00:00:00:01",
      addresses: { provisioning: "127.0.0.97", cluster: "127.0.0.98" },
      host: { name: "provisioning host", host: "127.0.0.1", privateKey: "", hostKeys: [] },
      pxe: { httpUrl: "http://127.0.0.1", root: "/nowhere" },
      image: "control-plane",
      bmc: { type: "redfish", url: bmc.url, ca: tls.ca },
      bmcDefaults: { username: "admin", password: PASSWORD },
      disk: { layout: "single-uefi", mark: "flint-00000000" },
      loginKey: { privateKey: "", publicKey: "" },
      hostKeyPublic: "",
      onDelete: "power-off",
    };
    return new NodeContext<StoredNode>(want, run);
  };
  beforeEach(async () => {
    bmc = await BmcOnLoopback.start();
    warnings.length = 0;
  });
  afterEach(() => bmc.stop());

  it("is taken back once the installer is up", async () => {
    await bmc.ask("PATCH", SYSTEM, { body: LASTING });
    assert.deepEqual(await endOverride(node(), { ...RECORD, lasting: true }), RECORD);
    assert.equal((await bmc.ask("GET", SYSTEM)).json.Boot.BootSourceOverrideEnabled, "Disabled");
    assert.deepEqual(warnings, []);
  });

  it("of somebody else's is left alone", async () => {
    await bmc.ask("PATCH", SYSTEM, { body: LASTING });
    assert.deepEqual(await endOverride(node(), RECORD), RECORD);
    assert.equal((await bmc.ask("GET", SYSTEM)).json.Boot.BootSourceOverrideEnabled, "Continuous");
  });

  it("that cannot be taken back is told, and the installation goes on", async () => {
    await bmc.ask("PATCH", SYSTEM, { body: LASTING });
    bmc.bmc.faults = { overrideRefused: true };
    const record = { ...RECORD, lasting: true };
    assert.deepEqual(await endOverride(node(), record), record, "it is left for the end of the installation");
    assert.match(
      warnings.join(),
      /^node01 goes on booting from the network first: node01, BMC at https:.*: expected the usual boot order to be accepted but found HTTP 400: .*\[BMC_REFUSED\]$/,
    );
  });
});
