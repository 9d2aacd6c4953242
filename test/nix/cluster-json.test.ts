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

describe("cluster.json, as the systems read it", () => {
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
        'nodes.node01.profile: expected one of control-plane worker all-in-one, found "controlplane"; ' +
        "nodes.node01.networks.provisioning.mac: expected a MAC address such as 52:54:00:00:00:01, " +
        'found "52-54-00-00-00-01"; ' +
        'nodes.node01.networks.provisioning.address: expected an IPv4 address, found "10.0.100.300"; ' +
        "nodes.node01.networks.provisioning.prefixLength: expected a number from 1 to 32, found 33; " +
        'nodes.node01.disk: expected a serial, a wwn, or a size, found ["layout","mark"]',
    ));
});
