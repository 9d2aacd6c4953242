import assert from "node:assert/strict";
import { lifecycle } from "../../../providers/bare-metal-node/lifecycle.js";
import { tellAnew } from "../../../providers/bare-metal-node/replacement.js";
import { forgetReplaced, noteReplaced } from "../../../providers/membership/replaced.js";

const MACHINE = {
  cluster: "dev",
  name: "node04",
  mac: "52:54:00:00:00:04",
  addresses: { provisioning: "10.0.100.53", cluster: "10.0.200.13" },
  disk: { serial: "DISK-4", layout: "single-uefi", mark: "flint-1a2b3c4d", generation: 1 },
};
const OLDS = { ...MACHINE, phase: "ready", toplevel: "/nix/store/system" };
const diff = (change: object, olds: object = OLDS) =>
  lifecycle.diff("dev/node04", { ...olds }, { ...MACHINE, ...change });

/** What `announceReplacement` needs to know that it votes. Nobody answers at these addresses. */
const VOTER = {
  raft: {
    chainfire: { node04: "https://127.0.0.1:9", node01: "https://127.0.0.1:9" },
    flaredb: { node04: "https://127.0.0.1:9", node01: "https://127.0.0.1:9" },
  },
  ca: "CA",
  clientCert: "CERT",
  clientKey: "KEY",
};

describe("BareMetalNode: what a changed declaration does", () => {
  beforeEach(() => forgetReplaced());
  after(() => forgetReplaced());

  it("nothing changed: nothing", async () => {
    assert.deepEqual(await diff({}), { changes: false });
  });

  it("nothing changed, and a refresh found it switched off: it is looked at, and switched on", async () => {
    assert.deepEqual(await diff({}, { ...OLDS, power: "off" }), { changes: true });
  });

  it("a chassis named, another one, or none any more: nothing", async () => {
    for (const bmc of [
      { type: "redfish", url: "https://10.0.100.150", username: "admin" },
      { type: "ipmi", host: "10.0.100.150", cipherSuite: 17 },
    ]) {
      const named = (chassis: string) => ({ bmc: { ...bmc, chassis } });
      const none = { changes: false };
      assert.deepEqual(await diff(named("left"), { ...OLDS, bmc }), none);
      assert.deepEqual(await diff(named("right"), { ...OLDS, ...named("left") }), none);
      assert.deepEqual(await diff({ bmc }, { ...OLDS, ...named("left") }), none);
      const other = { bmc: { ...named("left").bmc, username: "root" } };
      assert.deepEqual(await diff(other, { ...OLDS, bmc }), { changes: true });
    }
  });

  it("another way to boot from the network: nothing, until it is installed the next time", async () => {
    assert.deepEqual(await diff({ networkBoot: "uefi-http" }), { changes: false });
    assert.deepEqual(await diff({}, { ...OLDS, networkBoot: "uefi-http" }), { changes: false });
  });

  it("a state from before there were generations is the first one", async () => {
    const { generation: _, ...disk } = MACHINE.disk;
    assert.equal((await diff({}, { ...OLDS, disk })).replaces, undefined);
  });

  it("a raised generation, another card or name: the machine is replaced", async () => {
    const replaced = (key: string) => ({ changes: true, replaces: [key], deleteBeforeReplace: true });
    const anew = { ...MACHINE.disk, mark: "flint-99999999", generation: 2 };
    assert.deepEqual(await diff({ disk: anew }), replaced("disk"));
    assert.deepEqual(await diff({ mac: "52:54:00:00:00:05" }), replaced("mac"));
    assert.deepEqual(await diff({ name: "node05" }), replaced("name"));
  });

  it("a raised generation of a machine that does not vote is told in words; of a voter its services are asked", () => {
    const olds = { ...OLDS, onDelete: "power-off" };
    const raised = { ...MACHINE, disk: { ...MACHINE.disk, generation: 2 } };
    assert.equal(
      tellAnew(olds, raised),
      "node04: generation 2: it is let go as its onDelete says (power-off), and installed anew: its disk is formatted. It does not vote: no quorum is asked.",
    );
    for (const other of [{ ...raised, ...VOTER }, { ...raised, mac: "52:54:00:00:00:09" }, MACHINE])
      assert.equal(tellAnew(olds, other), undefined);
  });

  it("a lower generation, as of a stack file of before, is refused before anything is done", async () => {
    const second = { ...OLDS, disk: { ...MACHINE.disk, mark: "flint-99999999", generation: 2 } };
    await assert.rejects(diff({}, second), {
      message:
        "node04, generation: expected 2, which is installed, or a higher one but found 1. " +
        "Write generation: 2; to install the machine anew, 3. Nothing was changed. [NODE_GENERATION]",
    });
  });

  it("a second voter in one run is refused; a worker beside one is not", async () => {
    const anew = { disk: { ...MACHINE.disk, mark: "flint-99999999", generation: 2 } };
    noteReplaced("dev", "node02", true);
    await assert.rejects(diff({ ...anew, ...VOTER }), {
      message:
        "node04: expected one voter at a time to be replaced but found node02 is replaced in the same run. " +
        "Change node04 back, run `pulumi up` for node02, and replace node04 when that one votes again. [REPLACE_ONE_BY_ONE]",
    });
    assert.deepEqual((await diff(anew)).replaces, ["disk"]);
  });

  it("the only machine with bootstrap: true is refused: nobody else is known through whom it could join again", async () => {
    const anew = { disk: { ...MACHINE.disk, mark: "flint-99999999", generation: 2 } };
    const alone = { node04: "https://127.0.0.1:9" };
    await assert.rejects(diff({ ...anew, ...VOTER, raft: { chainfire: alone, flaredb: alone } }), {
      message: /\[BOOTSTRAP_ALONE\]$/,
    });
    assert.deepEqual((await diff({ ...anew, ...VOTER })).replaces, ["disk"]);
  });

  it("another disk or layout without it: an update, which finds out what runs", async () => {
    assert.deepEqual(await diff({ disk: { ...MACHINE.disk, serial: "DISK-5" } }), { changes: true });
    assert.deepEqual(await diff({ disk: { ...MACHINE.disk, mark: "flint-99999999" } }), { changes: true });
  });

  it("another address is refused before anything is done, except with a raised generation", async () => {
    const moved = { addresses: { ...MACHINE.addresses, provisioning: "10.0.100.60" } };
    await assert.rejects(diff(moved), {
      message:
        "node04, addresses.provisioning: expected 10.0.100.53, with which it was installed but found 10.0.100.60. " +
        "For another address raise the node's generation in the same edit: its members leave, and it is installed anew. " +
        "Nothing was changed. [NODE_ADDRESS]",
    });
    await assert.rejects(diff({ addresses: { ...MACHINE.addresses, cluster: "10.0.200.60" } }), {
      message: /\[NODE_ADDRESS\]$/,
    });
    const anew = { ...MACHINE.disk, mark: "flint-99999999", generation: 2 };
    assert.equal((await diff({ ...moved, disk: anew })).deleteBeforeReplace, true);
    const failedUpdate = { ...OLDS, phase: "registered" };
    await assert.rejects(diff(moved, failedUpdate), { message: /\[NODE_ADDRESS\]$/ });
    const notInstalledYet = { ...MACHINE, phase: "registered", toplevel: "" };
    assert.deepEqual(await diff(moved, notInstalledYet), { changes: true });
  });
});
