import assert from "node:assert/strict";
import fc from "fast-check";
import { faultsSchema } from "../../../lab/redfish/faults.js";
import { CATALOGUE, OWNERS } from "../../../lab/simulated/catalogue/catalogue.js";
import { describeDrawn, drawFaults } from "../../../lab/simulated/chances/draw.js";
import { readChances } from "../../../lab/simulated/chances/read.js";
import { type Chances, chancesSchema } from "../../../lab/simulated/chances/schema.js";
import { hostFaultsSchema } from "../../../lab/simulated/host/faults.js";
import { machineFaultsSchema } from "../../../lab/simulated/machine/faults.js";
import { MOMENTS } from "../../../lab/simulated/moments.js";
import { faultOrderSchema } from "../../../lab/simulated/schema.js";
import { nixFaultsSchema } from "../../../lab/simulated/tools/faults.js";

const names = (count: number) => Array.from({ length: count }, (_, at) => `node${at + 1}`);
const all = (probability: number): Chances =>
  chancesSchema.parse(readChances(OWNERS.map((owner) => `${owner}=${probability}`)));

describe("faults of a simulated rack by probability", () => {
  it("are the same for the same seed, and others for another", () => {
    const drawn = drawFaults(all(0.3), "7", names(20));
    assert.ok(drawn.length > 50);
    assert.deepEqual(drawFaults(all(0.3), "7", names(20)), drawn);
    assert.notDeepEqual(drawFaults(all(0.3), "8", names(20)), drawn);
  });

  it("of one machine follow neither from how many others there are, nor from what else may be drawn", () => {
    const dhcp = chancesSchema.parse({ machine: { dhcpLost: 0.5 } });
    fc.assert(
      fc.property(fc.string(), fc.integer({ min: 1, max: 9 }), fc.integer({ min: 0, max: 9 }), (seed, count, more) => {
        const alone = drawFaults(dhcp, seed, names(count));
        const among = drawFaults({ ...all(0.5), machine: { slow: 0.5, dhcpLost: 0.5 } }, seed, names(count + more));
        const same = among.filter(({ fault, machine }) => fault === "dhcpLost" && names(count).includes(machine));
        assert.deepEqual(alone, same);
      }),
    );
  });

  it("are none at 0; at 1 each machine has each, once in each change during which it can begin", () => {
    assert.deepEqual(drawFaults(all(0), "1", names(5)), []);
    const drawn = drawFaults(chancesSchema.parse({ machine: { powerFails: 1, noLink: 1 } }), "1", names(2));
    const count = (fault: string) => drawn.filter((each) => each.fault === fault && each.machine === "node2").length;
    assert.deepEqual([count("powerFails"), count("noLink")], [3, 1]);
  });

  it("of an update, or a removal, that begins now are those of that change alone, those from before it on at once", () => {
    const every = { machine: { diskErrors: 1, powerFails: 1 } };
    for (const change of ["update", "removal"] as const) {
      const drawn = drawFaults(chancesSchema.parse({ ...every, change }), "1", names(40));
      assert.equal(drawn.length, 80, change);
      const possible = new Set(["now", ...MOMENTS[change].slice(1)]);
      assert.deepEqual(
        drawn.filter(({ moment }) => !possible.has(moment)),
        [],
      );
      assert.ok(drawn.some(({ fault, moment }) => fault === "powerFails" && moment === "now"));
      assert.ok(drawn.some(({ fault, moment }) => fault === "powerFails" && moment !== "now"));
    }
    const frozen = drawFaults(chancesSchema.parse({ bmc: { bmcFreezes: 1 }, change: "update" }), "1", names(3));
    assert.deepEqual(
      frozen.map(({ moment }) => moment),
      ["now", "now", "now"],
    );
  });

  it("of changes that come later begin at moments only: nobody knows when those begin", () => {
    const both = chancesSchema.parse({ machine: { diskErrors: 1 }, bmc: { bmcFreezes: 1 } });
    const drawn = drawFaults(both, "1", names(40));
    const of = (name: string) => drawn.filter(({ fault }) => fault === name);
    assert.equal(of("diskErrors").length, 120, "in the installation, the update and the removal");
    assert.equal(of("diskErrors").filter(({ moment }) => moment === "wipe").length, 40);
    assert.equal(of("bmcFreezes").length, 80, "in the installation and the removal: an update has no moment for it");
  });

  it("come about as often as their probability says", () => {
    const drawn = drawFaults(chancesSchema.parse({ machine: { noLink: 0.2 } }), "1", names(2000));
    assert.ok(drawn.length > 300 && drawn.length < 500, String(drawn.length));
  });

  it("have values that the rack accepts", () => {
    for (const { owner, machine, fault, value } of drawFaults(all(1), "1", names(9))) {
      const own =
        owner === "machine" || owner === "bmc"
          ? { machines: { [machine]: { [owner]: { [fault]: value } } } }
          : undefined;
      assert.doesNotThrow(() => faultOrderSchema.parse(own ?? { [owner]: { [fault]: value } }), `${owner}.${fault}`);
    }
  });

  it("are told in words", () => {
    const drawn = { owner: "machine", machine: "node04", moment: "dhcp", fault: "dhcpLost", value: 3 } as const;
    assert.equal(describeDrawn(drawn), "node04: machine.dhcpLost=3, from dhcp on");
    const lasting = { ...drawn, moment: "now", fault: "noLink", value: true } as const;
    assert.equal(describeDrawn(lasting), "node04: machine.noLink, from now on");
  });

  it("are read from words: one fault, or all of a kind; anything else is refused", () => {
    assert.deepEqual(readChances(["machine.dhcpLost=0.2", "machine.noLink=1", "bmc.busy503=0.5"]), {
      machine: { dhcpLost: 0.2, noLink: 1 },
      bmc: { busy503: 0.5 },
    });
    assert.deepEqual(Object.keys(readChances(["nix=0.1"]).nix ?? {}), Object.keys(CATALOGUE.nix));
    assert.throws(() => readChances(["disk=0.1"]), {
      message:
        "--chances disk=0.1: expected OWNER.FAULT=PROBABILITY or OWNER=PROBABILITY, OWNER one of machine, bmc, host, nix",
    });
    assert.throws(() => readChances(["nix.nothing=0.1"]), {
      message: `--chances nix.nothing=0.1: there is no fault nothing of nix; there are ${Object.keys(CATALOGUE.nix).join(", ")}`,
    });
    assert.throws(() => readChances(["machine=2"]), {
      message: "--chances machine=2: expected a probability from 0 to 1",
    });
    assert.throws(() => readChances(["nix.buildFails=1.0.0"]), /expected a probability from 0 to 1$/);
  });
});

describe("the catalogue of a simulated rack's faults", () => {
  it("has every fault of the schemas, and no other", () => {
    const schemas = { machine: machineFaultsSchema, bmc: faultsSchema, host: hostFaultsSchema, nix: nixFaultsSchema };
    for (const owner of OWNERS)
      assert.deepEqual(Object.keys(CATALOGUE[owner]).sort(), Object.keys(schemas[owner].shape).sort(), owner);
  });

  it("names for each fault a moment at which it can begin", () => {
    for (const owner of OWNERS)
      for (const [fault, entry] of Object.entries(CATALOGUE[owner]))
        assert.ok("install" in entry || "update" in entry || "removal" in entry, `${owner}.${fault}`);
  });
});
