import assert from "node:assert/strict";
import { join } from "node:path";
import { CHECKOUT, CLUSTER, clusterFile, evaluate, nodeEntry } from "./nix-evaluation.js";

/** Evaluates `select` (a function of config) for node01 with Flint's modules and one more. */
async function evaluateNode(select: string, entry = nodeEntry(1), extra = "{ }"): Promise<unknown> {
  const file = clusterFile({ version: 1, cluster: CLUSTER, nodes: { node01: entry } });
  const nix = join(CHECKOUT, "nix");
  try {
    return await evaluate(`
      let
        lib = import ${nix}/tests/mini-lib.nix;
        cluster = import ${nix}/lib/cluster.nix ${file.path};
        tool = { outPath = "/usr"; };
        evaluated = lib.evalModules { modules = import ${nix}/lib/node-modules.nix cluster "node01" ++ [
          ${join(CHECKOUT, "lab/systems/lib/options.nix")}
          { _module.args.pkgs = { bash = tool; coreutils = tool; curl = tool; jq = tool; };
            services = builtins.listToAttrs (map (name: { inherit name; value.package = { outPath = "/opt/\${name}"; }; })
              [ "chainfire" "flaredb" "iam" "plasmavmc" ]); }
          (${extra})
        ]; };
      in (${select}) evaluated.config`);
  } finally {
    file.remove();
  }
}
const refused = (extra: string, message: string) =>
  assert.rejects(evaluateNode("config: { inherit (config) flint systemd; }", nodeEntry(1), extra), (e: Error) => {
    assert.equal(e.message, message);
    return true;
  });

describe("Flint's NixOS modules", () => {
  it("run all four services on the control plane, only PlasmaVMC on a worker", async () => {
    const running = "config: builtins.attrNames config.systemd.services";
    assert.deepEqual(await evaluateNode(running), [
      "chainfire",
      "chainfire-cluster-join",
      "cluster-health-check",
      "flaredb",
      "flaredb-cluster-join",
      "iam",
      "iam-initial-setup",
      "plasmavmc",
    ]);
    assert.deepEqual(await evaluateNode(running, nodeEntry(1, { profile: "worker" })), [
      "cluster-health-check",
      "plasmavmc",
    ]);
  });

  it("start the services in order, after the network is up", async () => {
    const after = await evaluateNode("config: builtins.mapAttrs (_: unit: unit.after) config.systemd.services");
    assert.partialDeepStrictEqual(after, {
      chainfire: ["network-online.target"],
      flaredb: ["network-online.target", "chainfire.service"],
      iam: ["network-online.target", "chainfire.service", "flaredb.service"],
      plasmavmc: ["network-online.target", "chainfire.service", "flaredb.service", "iam.service"],
    });
  });

  it("join a cluster once: the marker stops the second time", async () => {
    const unit = "config: config.systemd.services.chainfire-cluster-join";
    assert.partialDeepStrictEqual(await evaluateNode(unit), {
      requires: ["chainfire.service"],
      unitConfig: { ConditionPathExists: "!/var/lib/flint/.chainfire-joined" },
    });
  });

  it("read secrets from a directory, never from the store", async () => {
    const commands = await evaluateNode(
      "config: with config.systemd.services; map (unit: unit.serviceConfig.ExecStart) [ chainfire iam ]",
    );
    assert.deepEqual(commands, [
      "/opt/chainfire/bin/chainfire --config /etc/nixos/secrets/cluster-config.json --tls-dir /etc/nixos/secrets " +
        "--api-port 2379 --raft-port 2380 --state-dir /var/lib/chainfire",
      "/opt/iam/bin/iam --config /etc/nixos/secrets/cluster-config.json --tls-dir /etc/nixos/secrets " +
        "--port 8080 --flaredb-port 2479",
    ]);
  });

  it("find cards by their MAC address and set static addresses", async () => {
    assert.partialDeepStrictEqual(await evaluateNode("config: config.systemd.network.networks"), {
      "10-cluster": {
        matchConfig: { MACAddress: "52:54:00:00:01:01" },
        networkConfig: { Address: ["10.0.200.10/24"], DHCP: "no" },
      },
    });
  });

  it("lead a node's name to the cluster network where there is one", async () => {
    assert.deepEqual(await evaluateNode("config: config.networking.hosts"), {
      "10.0.200.10": ["node01.dev.example.com", "node01"],
    });
  });

  it("refuse a value of the wrong type", () =>
    refused(
      '{ services.chainfire.apiPort = "2379"; }',
      'The option `services.chainfire.apiPort\' must be a port number (0 to 65535); found "2379".',
    ));

  it("refuse an option that does not exist", () =>
    refused("{ services.chainfire.portt = 1; }", "The option `services.chainfire.portt' does not exist."));

  it("refuse two values for one option, unless one is forced", async () => {
    await refused(
      '{ flint.node.name = "node02"; }',
      'The option `flint.node.name\' has conflicting values: "node01", "node02".',
    );
    const forced = '{ lib, ... }: { flint.node.name = lib.mkForce "node02"; }';
    assert.equal(await evaluateNode("config: config.networking.hostName", nodeEntry(1), forced), "node02");
  });
});
