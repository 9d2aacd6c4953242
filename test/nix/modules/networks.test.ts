import assert from "node:assert/strict";
import * as fc from "fast-check";
import { CHECKOUT, evaluate, evaluateNode, failedAssertions, LIBS, nodeEntry } from "../nix-evaluation.js";

const CARD = { mac: "52:54:00:00:00:01", address: "10.0.100.50", prefixLength: 24 };
const NETWORKS = "config: { inherit (config.systemd.network) networks netdevs; }";
const withNetworks = (networks: unknown) => nodeEntry(1, { networks });
const refusals = (networks: unknown) => failedAssertions(withNetworks(networks));

describe("A node's networks", function () {
  this.timeout("120 s");
  for (const lib of LIBS)
    it(`are cards found by MAC address, with static addresses (${lib.title})`, async () => {
      const seen = await evaluateNode("config: config.systemd.network.networks", nodeEntry(1), "{ }", lib);
      assert.partialDeepStrictEqual(seen, {
        "10-cluster": {
          matchConfig: { MACAddress: "52:54:00:00:01:01", Type: "ether" },
          linkConfig: { RequiredForOnline: "routable" },
          networkConfig: { Address: ["10.0.200.10/24"], DHCP: "no", LinkLocalAddressing: "no" },
        },
        "10-provisioning": { networkConfig: { Address: ["10.0.100.50/24"] } },
      });
    });

  it("on one card share its file: networkd applies the first that matches, and no other", async () => {
    const networks = { provisioning: CARD, cluster: { ...CARD, address: "10.0.200.10" } };
    assert.partialDeepStrictEqual(await evaluateNode(NETWORKS, withNetworks(networks)), {
      networks: { "10-cluster-provisioning": { networkConfig: { Address: ["10.0.200.10/24", "10.0.100.50/24"] } } },
      netdevs: {},
    });
  });

  it("by DHCP name the card by its MAC address, as the installer does, so that the address stays", async () => {
    const networks = { provisioning: { ...CARD, dhcp: true } };
    const seen = await evaluateNode(NETWORKS, withNetworks(networks));
    assert.partialDeepStrictEqual(seen, {
      networks: {
        "10-provisioning": {
          networkConfig: { DHCP: "ipv4" },
          dhcpV4Config: { ClientIdentifier: "mac", UseHostname: false, UseDNS: true },
        },
      },
    });
    assert.doesNotMatch(JSON.stringify(seen), /"Address"/);
  });

  it("take an MTU, a gateway and name servers", async () => {
    const networks = { provisioning: { ...CARD, mtu: 9000, gateway: "10.0.100.1", dns: ["10.0.100.1", "10.0.100.2"] } };
    assert.partialDeepStrictEqual(await evaluateNode(NETWORKS, withNetworks(networks)), {
      networks: {
        "10-provisioning": {
          linkConfig: { MTUBytes: "9000" },
          networkConfig: { Gateway: ["10.0.100.1"], DNS: ["10.0.100.1", "10.0.100.2"] },
        },
      },
    });
  });

  it("lie in a VLAN on a bond: cards by their own address, the bond with the booting card's", async () => {
    const bond = { members: ["52:54:00:00:00:01", "52:54:00:00:00:02"] };
    const networks = {
      provisioning: { ...CARD, bond },
      cluster: { ...CARD, address: "10.0.200.10", bond, vlan: 200, mtu: 9000 },
    };
    assert.deepEqual(
      await evaluateNode(
        "config: builtins.mapAttrs (_: builtins.mapAttrs (_: builtins.mapAttrs (_: s: builtins.removeAttrs s [ ]))) { inherit (config.systemd.network) netdevs; }",
        withNetworks(networks),
      ),
      {
        netdevs: {
          "10-bond0": {
            netdevConfig: { Kind: "bond", Name: "bond0", MACAddress: "52:54:00:00:00:01" },
            bondConfig: {
              Mode: "802.3ad",
              MIIMonitorSec: "100ms",
              LACPTransmitRate: "fast",
              TransmitHashPolicy: "layer3+4",
            },
            vlanConfig: {},
          },
          "20-vlan200": {
            netdevConfig: { Kind: "vlan", Name: "vlan200", MTUBytes: "9000" },
            bondConfig: {},
            vlanConfig: { Id: 200 },
          },
        },
      },
    );
    assert.partialDeepStrictEqual(await evaluateNode(NETWORKS, withNetworks(networks)), {
      networks: {
        "05-bond0-0": { matchConfig: { PermanentMACAddress: "52:54:00:00:00:01" }, networkConfig: { Bond: "bond0" } },
        "05-bond0-1": { linkConfig: { RequiredForOnline: "no" } },
        "10-provisioning": {
          matchConfig: { Name: "bond0" },
          linkConfig: { MTUBytes: "9000" },
          networkConfig: { VLAN: ["vlan200"], Address: ["10.0.100.50/24"] },
        },
        "20-cluster": { matchConfig: { Name: "vlan200" }, networkConfig: { Address: ["10.0.200.10/24"] } },
      },
    });
  });

  it("that contradict each other are refused with what to do", async () => {
    assert.deepEqual(await refusals({ provisioning: CARD, cluster: { ...CARD, mac: "52:54:00:00:00:02" } }), [
      "flint.node.networks: cluster and provisioning have the address 10.0.100.50. Give each network its own.",
    ]);
    const other = { ...CARD, mac: "52:54:00:00:00:02", address: "10.0.200.10" };
    assert.deepEqual(
      await refusals({
        provisioning: { ...CARD, gateway: "10.0.100.1" },
        cluster: { ...other, gateway: "10.0.200.1" },
      }),
      [
        "flint.node.networks: cluster and provisioning both have a gateway, but a machine has one default route. Keep the " +
          "one through which the node reaches the internet, and add other routes with systemd.network.",
      ],
    );
    assert.deepEqual(await refusals({ provisioning: { ...CARD, vlan: 7 }, cluster: { ...other, vlan: 7 } }), [
      "flint.node.networks: cluster and provisioning have the VLAN tag 7 on different cards; their devices would have " +
        "one name. Use another tag for one of them.",
    ]);
    assert.deepEqual(await refusals({ provisioning: CARD, cluster: { ...other, mac: CARD.mac, mtu: 9000 } }), [
      "flint.node.networks: cluster and provisioning share the card 52:54:00:00:00:01, which has one MTU: set the same " +
        "mtu on both.",
    ]);
    assert.deepEqual(await refusals({ provisioning: { ...CARD, bond: { members: ["52:54:00:00:00:01"] } } }), [
      "flint.node.networks.provisioning: a bond needs two cards or more: list their MAC addresses in bond.members, or " +
        "leave bond out.",
    ]);
  });

  it("without the provisioning network are refused", async () => {
    const extra =
      '{ lib, ... }: { flint.node.networks = lib.mkForce { cluster = { mac = "52:54:00:00:00:01"; address = "10.0.200.10"; }; }; }';
    assert.deepEqual(await failedAssertions(nodeEntry(1), extra), [
      "flint.node.networks: node01 has no network `provisioning'. Flint reaches a node there: give its MAC address and " +
        "address.",
    ]);
  });
});

describe("Firewall", function () {
  this.timeout("120 s");
  const nft = "{ networking.nftables.enable = true; }";

  it("opens the APIs at the node's addresses, and raft to the cluster network only", async () => {
    const rules = await evaluateNode("config: config.networking.firewall.extraInputRules", nodeEntry(1), nft);
    assert.deepEqual(
      String(rules)
        .split("\n")
        .filter((line) => line.includes("chainfire")),
      [
        'ip daddr 10.0.100.50 tcp dport 2379 accept comment "chainfire apiPort"',
        'ip daddr 10.0.200.10 tcp dport 2379 accept comment "chainfire apiPort"',
        'ip daddr 10.0.200.10 ip saddr { 10.0.200.0/24 } tcp dport 2380 accept comment "chainfire raftPort"',
      ],
    );
  });

  it("says the same to iptables, and never both", async () => {
    const look = "config: { inherit (config.networking.firewall) extraCommands extraInputRules; }";
    const seen = await evaluateNode(look, nodeEntry(1, { profile: "worker" }));
    assert.deepEqual(seen, {
      extraCommands:
        'iptables -w -A nixos-fw -p tcp -d 10.0.100.50 --dport 8081 -m comment --comment "plasmavmc port" -j nixos-fw-accept\n' +
        'iptables -w -A nixos-fw -p tcp -d 10.0.200.10 --dport 8081 -m comment --comment "plasmavmc port" -j nixos-fw-accept\n',
      extraInputRules: "",
    });
    assert.partialDeepStrictEqual(await evaluateNode(look, nodeEntry(1), nft), { extraCommands: "" });
  });

  it("lets only the declared clients in where some are declared", async () => {
    const extra =
      '{ networking.nftables.enable = true; flint.firewall.clients = [ "10.9.0.0/16" ]; services.plasmavmc.networks = [ "provisioning" ]; }';
    const rules = await evaluateNode(
      "config: config.networking.firewall.extraInputRules",
      nodeEntry(1, { profile: "worker" }),
      extra,
    );
    assert.equal(
      rules,
      "ip daddr 10.0.100.50 ip saddr { 10.0.200.0/24, 10.0.100.0/24, 10.9.0.0/16 } tcp dport 8081 accept " +
        'comment "plasmavmc port"\n',
    );
  });

  it("knows the network of any address", async () => {
    const addresses = fc.sample(fc.tuple(fc.ipV4(), fc.integer({ min: 1, max: 32 })), 200);
    const wanted = addresses.map(([address, prefix]) => {
      const number = address.split(".").reduce((sum, octet) => sum * 256 + Number(octet), 0);
      const start = Math.floor(number / 2 ** (32 - prefix)) * 2 ** (32 - prefix);
      return `${[24, 16, 8, 0].map((shift) => Math.floor(start / 2 ** shift) % 256).join(".")}/${prefix}`;
    });
    const list = addresses.map(([address, prefix]) => `(networkOf "${address}" ${prefix})`).join(" ");
    assert.deepEqual(await evaluate(`with import ${CHECKOUT}/nix/lib/ipv4.nix; [ ${list} ]`), wanted);
  });
});
