# Who this node is, in which cluster. The values come from cluster.json.
{ config, lib, ... }:
let
  inherit (lib) mkOption types;
  cfg = config.flint;
  network = types.submodule {
    options = {
      mac = mkOption { type = types.strMatching "[0-9a-f]{2}(:[0-9a-f]{2}){5}"; description = "MAC address of the card, lower case. The card is found by it, whatever its name."; };
      address = mkOption { type = types.str; description = "Static IPv4 address of the card."; };
      prefixLength = mkOption { type = types.ints.positive; default = 24; description = "Length of the network's prefix."; };
      gateway = mkOption { type = types.nullOr types.str; default = null; description = "Default route through this network, if it has one."; };
      dns = mkOption { type = types.listOf types.str; default = [ ]; description = "Name servers reached through this network."; };
    };
  };
in
{
  options.flint = {
    cluster = {
      name = mkOption { type = types.str; description = "Name of the cluster."; };
      domain = mkOption { type = types.str; description = "Domain of the nodes: a node is `<name>.<domain>`."; };
    };
    node = {
      name = mkOption { type = types.str; description = "Name of this node, and its host name."; };
      profile = mkOption {
        type = types.enum [ "control-plane" "worker" "all-in-one" ];
        description = "Which services run: `control-plane` and `all-in-one` all four, `worker` PlasmaVMC only.";
      };
      networks = mkOption { type = types.attrsOf network; description = "The node's cards, by network: `provisioning`, and `cluster` where there are two."; };
      hosts = mkOption {
        type = types.attrsOf (types.attrsOf types.str);
        default = { };
        example = { node01 = { provisioning = "10.0.100.50"; cluster = "10.0.200.10"; }; };
        description = "Nodes that this one must find by name without a name server: the bootstrap members and itself.";
      };
      labels = mkOption { type = types.attrsOf types.str; default = { }; description = "Labels of the node. They appear in /etc/flint/node.json; a change needs no restart."; };
      disk = mkOption { type = types.attrsOf types.anything; default = { }; description = "How the system's disk is recognised, and laid out."; };
      sshAuthorizedKeys = mkOption { type = types.listOf types.str; default = [ ]; description = "Public keys that may log in as root."; };
      secrets = mkOption { type = types.path; default = "/etc/nixos/secrets"; description = "Directory of the node's certificate, key and cluster-config.json. Written at installation, never in the Nix store."; };
    };
  };

  config = {
    networking.hostName = cfg.node.name;
    networking.domain = cfg.cluster.domain;
    assertions = [
      {
        assertion = cfg.node.networks ? provisioning;
        message = "flint.node.networks: a node needs a card on the provisioning network.";
      }
    ];
    environment.etc."flint/node.json".text = builtins.toJSON {
      inherit (cfg.node) name profile networks hosts labels disk;
      cluster = { inherit (cfg.cluster) name domain; };
    };
  };
}
