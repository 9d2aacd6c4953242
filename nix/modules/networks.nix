# The node's networks through systemd-networkd: cards by MAC address, bonds, VLANs, static addresses or DHCP; and the names of
# the nodes that this one talks to first.
{ config, lib, ... }:
let
  inherit (builtins) attrNames concatMap filter length;
  inherit (lib) mkOption types;
  node = config.flint.node;
  domain = config.flint.cluster.domain;
  mac = types.strMatching "[0-9a-f]{2}(:[0-9a-f]{2}){5}";
  address = types.strMatching "[0-9]{1,3}(\\.[0-9]{1,3}){3}";

  bond = types.submodule {
    options = {
      members = mkOption { type = types.listOf mac; example = [ "52:54:00:00:00:01" "52:54:00:00:00:02" ]; description = "The cards' own MAC addresses, lower case."; };
      mode = mkOption {
        type = types.enum [ "802.3ad" "active-backup" "balance-xor" "balance-alb" "balance-tlb" ];
        default = "802.3ad";
        example = "active-backup";
        description = "How the cards share the work. `802.3ad` (LACP) needs a switch that is set up for it, and one that lets a machine boot before LACP is up; `active-backup` needs nothing.";
      };
    };
  };
  network = types.submodule {
    options = {
      mac = mkOption { type = mac; example = "52:54:00:00:00:01"; description = "MAC address of the card, lower case. The card is found by it, whatever its name. Of a bond: the address that the bond shows, usually that of the card that boots."; };
      address = mkOption { type = address; example = "10.0.100.50"; description = "IPv4 address on this network. With `dhcp`: the one that the DHCP server keeps for this MAC address."; };
      prefixLength = mkOption { type = types.ints.positive; default = 24; example = 16; description = "Length of the network's prefix."; };
      dhcp = mkOption { type = types.bool; default = false; example = true; description = "Whether the address comes by DHCP. The client id is the MAC address, as for the firmware and the installer, so that all three get the same address."; };
      gateway = mkOption { type = types.nullOr address; default = null; example = "10.0.100.1"; description = "Default route through this network, if it has one. Only one network can have it."; };
      dns = mkOption { type = types.listOf types.str; default = [ ]; example = [ "10.0.100.1" ]; description = "Name servers reached through this network."; };
      mtu = mkOption { type = types.nullOr types.ints.positive; default = null; example = 9000; description = "Largest packet in bytes, 576 to 9216. A card that several networks share gets the largest of theirs. Null: the card's default."; };
      vlan = mkOption { type = types.nullOr types.ints.positive; default = null; example = 200; description = "VLAN tag, 1 to 4094. Null: untagged."; };
      bond = mkOption { type = types.nullOr bond; default = null; example = { members = [ "52:54:00:00:00:01" "52:54:00:00:00:02" ]; }; description = "Several cards that act as one. Null: the card `mac` alone."; };
    };
  };

  all = node.networks;
  names = attrNames all;
  ofEach = check: concatMap (name: map (found: { path = "flint.node.networks.${name}"; inherit found; }) (check name all.${name})) names;
  wrong = condition: message: if condition then [ message ] else [ ];
  same = key: filter (pair: pair.a < pair.b && key all.${pair.a} == key all.${pair.b} && key all.${pair.a} != null)
    (concatMap (a: map (b: { inherit a b; }) names) names);
  problems = ofEach (name: it:
    wrong (it.mtu != null && (it.mtu < 576 || it.mtu > 9216)) "mtu is ${toString it.mtu}, and must be 576 to 9216"
    ++ wrong (it.vlan != null && it.vlan > 4094) "vlan is ${toString it.vlan}, and must be 1 to 4094"
    ++ wrong (it.prefixLength > 32) "prefixLength is ${toString it.prefixLength}, and must be 1 to 32"
    ++ wrong (it.bond != null && length it.bond.members < 2) "a bond needs two cards or more: list their MAC addresses in bond.members, or leave bond out");
  gateways = filter (name: all.${name}.gateway != null) names;
  networkd = import ../lib/links.nix all;
in
{
  imports = [ ./cluster.nix ];

  options.flint.node.networks = mkOption {
    type = types.attrsOf network;
    example = { provisioning = { mac = "52:54:00:00:00:01"; address = "10.0.100.50"; }; };
    description = "The node's networks: `provisioning`, where Flint reaches it, and `cluster`, where the services talk to each other. Networks may share a card or a bond.";
  };

  config = {
    assertions = [
      {
        assertion = all ? provisioning;
        message = "flint.node.networks: ${node.name} has no network `provisioning'. Flint reaches a node there: give its MAC address and address.";
      }
      {
        assertion = length gateways <= 1;
        message = "flint.node.networks: ${lib.concatStringsSep " and " gateways} both have a gateway, but a machine has one default route. Keep the one through which the node reaches the internet, and add other routes with systemd.network.";
      }
    ]
    ++ map (problem: { assertion = false; message = "${problem.path}: ${problem.found}."; }) problems
    ++ map
      (pair: {
        assertion = all.${pair.a}.mac == all.${pair.b}.mac && all.${pair.a}.bond == all.${pair.b}.bond;
        message = "flint.node.networks: ${pair.a} and ${pair.b} have the VLAN tag ${toString all.${pair.a}.vlan} on different cards; their devices would have one name. Use another tag for one of them.";
      })
      (same (it: it.vlan))
    ++ map
      (pair: {
        assertion = false;
        message = "flint.node.networks: ${pair.a} and ${pair.b} have the address ${all.${pair.a}.address}. Give each network its own.";
      })
      (same (it: it.address))
    ++ map
      (pair: {
        assertion = all.${pair.a}.mtu == all.${pair.b}.mtu || all.${pair.a}.vlan != null || all.${pair.b}.vlan != null;
        message = "flint.node.networks: ${pair.a} and ${pair.b} share the card ${all.${pair.a}.mac}, which has one MTU: set the same mtu on both.";
      })
      (filter (pair: all.${pair.a}.bond == all.${pair.b}.bond) (same (it: it.mac)));

    networking.useDHCP = false;
    systemd.network.enable = true;
    systemd.network.netdevs = networkd.netdevs;
    systemd.network.networks = networkd.networks;

    networking.hosts = lib.mapAttrs'
      (name: addresses: lib.nameValuePair (addresses.cluster or addresses.provisioning) [ "${name}.${domain}" name ])
      node.hosts
    # NixOS leads a machine's own name to these addresses too; a service that asks for its own would tell others a loopback.
    // { "127.0.0.2" = lib.mkForce [ ]; "::1" = lib.mkForce [ ]; };
  };
}
