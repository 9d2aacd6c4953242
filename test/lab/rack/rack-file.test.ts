import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { CHECKOUT } from "../../../lab/rack/layout.js";
import { parseRack, readRackFile } from "../../../lab/rack/rack-file.js";

const SMALL = `
name: small
networks:
  provisioning: { cidr: 10.9.0.0/24, operator: 10.9.0.254 }
  cluster: { cidr: 10.9.1.0/24, operator: 10.9.1.254 }
host: { address: 10.9.0.1 }
machines:
  one: { mac: "52:54:00:09:00:01", bmc: 10.9.0.150 }
`;

describe("a rack file", () => {
  it("needs little: what is not said has a default", () => {
    const rack = parseRack(SMALL, "small.yaml");
    assert.equal(rack.host.name, "pxe1");
    assert.equal(rack.bmc.username, "admin");
    const [one] = rack.machines;
    assert.deepEqual(
      {
        serial: one?.serial,
        memory: one?.memory,
        disk: one?.disk,
        firmware: one?.firmware,
        clusterMac: one?.clusterMac,
      },
      { serial: "RACK-small-one", memory: 1024, disk: 6, firmware: "uefi", clusterMac: undefined },
    );
    assert.match(one?.uuid ?? "", /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/);
    assert.equal(one?.diskSerial.length, 20);
  });

  it("is refused with all of its problems at once, each with its path", () => {
    const text = `
name: Small
networks:
  provisioning: { cidr: 10.9.0.0/24, operator: 10.9.0.254 }
  cluster: { cidr: 10.9.1.0, operator: 10.9.1.254 }
host: { address: 10.9.0.1 }
machines:
  one: { mac: "52:54:00:09:00", bmc: 10.9.0.150, memroy: 512 }
  Two: { mac: "52:54:00:09:00:02", bmc: 10.9.0.151, disk: 0 }
`;
    assert.throws(() => parseRack(text, "bad.yaml"), {
      code: "RACK_FILE",
      message: `bad.yaml: found 6 problems. Every field is described in lab/README.md:
  machines.Two: a machine name has lower case letters, digits and inner hyphens
  name: a rack name has lower case letters, digits and inner hyphens
  networks.cluster.cidr: must be a network like 10.0.100.0/24
  machines.one.mac: must be a unicast MAC address like 52:54:00:00:00:01
  machines.one.memroy: there is no such field
  machines.Two.disk: Too small: expected number to be >=1 [RACK_FILE]`,
    });
  });

  it("is refused when machines share what must be their own, or stand outside of their network", () => {
    const text = `${SMALL}  two: { mac: "52:54:00:09:00:01", bmc: 10.9.0.150, addresses: { provisioning: 10.9.1.7 } }\n`;
    assert.throws(() => parseRack(text, "bad.yaml"), {
      message: `bad.yaml: found 3 problems. Every field is described in lab/README.md:
  machines.two.addresses.provisioning: 10.9.1.7 is outside of the provisioning network 10.9.0.0/24
  machines.two.bmc: 10.9.0.150 is already the address of machines.one.bmc
  machines.two.mac: 52:54:00:09:00:01 is already the MAC of machines.one.mac [RACK_FILE]`,
    });
  });

  it("is refused where something is missing", () => {
    assert.throws(() => parseRack("name: bad\nmachines: { one: {} }\n", "bad.yaml"), {
      message: `bad.yaml: found 4 problems. Every field is described in lab/README.md:
  networks: missing
  host: missing
  machines.one.mac: missing
  machines.one.bmc: missing [RACK_FILE]`,
    });
  });

  it("is refused where a BIOS shall have Secure Boot", () => {
    assert.throws(() => parseRack(SMALL.replace("150 }", "150, firmware: bios, secureBoot: true }"), "bad.yaml"), {
      message:
        /^bad\.yaml: found 1 problem\. Every field is described in lab\/README\.md:\n {2}machines\.one\.secureBoot: a BIOS has no Secure Boot \[RACK_FILE\]$/,
    });
  });

  it("that is not YAML, or not there, says so", () => {
    assert.throws(() => parseRack("name: [", "bad.yaml"), {
      code: "RACK_FILE",
      message: /^bad\.yaml: found 1 problem\. Every field is described in lab\/README\.md:\n {2}[A-Z]/,
    });
    assert.throws(() => readRackFile("/nowhere/rack.yaml"), {
      message:
        "/nowhere/rack.yaml: expected a rack file but found none that can be read. " +
        "Name a rack of lab/racks/ with --rack, or a file of your own with --file. [RACK_FILE]",
    });
  });

  it("of the stack dev has the machines that its stack file names", () => {
    const rack = readRackFile(join(CHECKOUT, "lab/racks/dev.yaml"));
    const stack = readFileSync(join(CHECKOUT, "Pulumi.dev.yaml"), "utf8");
    for (const { mac, clusterMac, bmc, serial, diskSerial, addresses } of rack.machines) {
      const named = [
        mac,
        clusterMac,
        `https://${bmc}`,
        serial,
        diskSerial,
        addresses?.provisioning,
        addresses?.cluster,
      ];
      for (const value of named) assert.ok(value !== undefined && stack.includes(value), `${value} in Pulumi.dev.yaml`);
    }
  });
});
