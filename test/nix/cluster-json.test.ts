import assert from "node:assert/strict";
import { join } from "node:path";
import { CHECKOUT, CLUSTER, clusterFile, evaluate, nodeEntry } from "./nix-evaluation.js";

async function read(content: unknown): Promise<unknown> {
  const file = clusterFile(content);
  try {
    return await evaluate(`import ${join(CHECKOUT, "nix/lib/cluster.nix")} ${file.path}`);
  } finally {
    file.remove();
  }
}
const refused = (content: unknown, message: string) =>
  assert.rejects(read(content), (error: Error) => {
    assert.equal(error.message, message);
    return true;
  });

describe("cluster.json, as the systems read it", function () {
  this.timeout("120 s");
  it("is accepted as Flint writes it, and knows its nodes by name", async () => {
    const cluster = await read({ version: 1, cluster: CLUSTER, nodes: { node01: nodeEntry(1) } });
    assert.partialDeepStrictEqual(cluster, {
      name: "dev",
      nodes: { node01: { name: "node01", labels: { rack: "a1" } } },
    });
  });

  it("of another version is refused", () =>
    refused({ version: 2, cluster: CLUSTER, nodes: {} }, "cluster.json: version: expected 1, found 2"));

  it("names every problem at once, each with its path", () =>
    refused(
      {
        version: 1,
        cluster: { ...CLUSTER, domain: "" },
        nodes: {
          node01: nodeEntry(1, {
            profile: "controlplane",
            disk: { layout: "single-uefi", mark: "flint-1a2b3c4d" },
            networks: { provisioning: { mac: "52-54-00-00-00-01", address: "10.0.100.300", prefixLength: 33 } },
          }),
        },
      },
      'cluster.json: cluster.domain: expected a domain name, found ""; ' +
        'nodes.node01.profile: expected one of all-in-one control-plane worker, found "controlplane"; ' +
        "nodes.node01.networks.provisioning.mac: expected a MAC address such as 52:54:00:00:00:01, " +
        'found "52-54-00-00-00-01"; ' +
        'nodes.node01.networks.provisioning.address: expected an IPv4 address, found "10.0.100.300"; ' +
        "nodes.node01.networks.provisioning.prefixLength: expected a number from 1 to 32, found 33; " +
        'nodes.node01.disk: expected a serial, a wwn, or a size, found ["layout","mark"]',
    ));

  it("is a cluster without nodes when it is empty, as the template's stand-in for it", async () => {
    assert.deepEqual(await evaluate(`import ${join(CHECKOUT, "nix/lib/cluster.nix")} /dev/null`), {
      domain: "none",
      name: "none",
      nodes: {},
    });
  });

  it("names what is wrong with a network's VLAN, MTU, bond or spelling", () =>
    refused(
      {
        version: 1,
        cluster: CLUSTER,
        nodes: {
          node01: nodeEntry(1, {
            networks: {
              provisioning: {
                mac: "52:54:00:00:00:01",
                address: "10.0.100.50",
                prefixLength: 24,
                vlan: 4095,
                mtu: 100,
                dhcp: "yes",
                bond: { members: ["eth0"] },
                adress: "10.0.0.1",
              },
            },
          }),
        },
      },
      'cluster.json: nodes.node01.networks.provisioning.dhcp: expected true or false, found "yes"; ' +
        "nodes.node01.networks.provisioning.mtu: expected a number from 576 to 9216, found 100; " +
        "nodes.node01.networks.provisioning.vlan: expected a number from 1 to 4094, found 4095; " +
        "nodes.node01.networks.provisioning.bond: expected members (MAC addresses) and a mode (802.3ad active-backup " +
        'balance-xor balance-alb balance-tlb), found {"members":["eth0"]}; ' +
        "nodes.node01.networks.provisioning.adress: expected one of address bond dhcp dns gateway mac mtu prefixLength " +
        'vlan as key, found "adress"',
    ));
});
