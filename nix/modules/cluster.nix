# Who this node is, in which cluster. The values come from cluster.json.
{ config, lib, ... }:
let
  inherit (lib) mkOption types;
  cfg = config.flint;
  profiles = import ../lib/profiles.nix;
  inStore = path: builtins.isPath path || lib.hasPrefix builtins.storeDir (toString path);
in
{
  options.flint = {
    cluster = {
      name = mkOption { type = types.str; example = "prod"; description = "Name of the cluster."; };
      domain = mkOption { type = types.str; example = "prod.example.com"; description = "Domain of the nodes: a node is `<name>.<domain>`."; };
    };
    node = {
      name = mkOption { type = types.strMatching "[a-z0-9]([a-z0-9-]*[a-z0-9])?"; example = "node01"; description = "Name of this node, and its host name."; };
      profile = mkOption {
        type = types.enum (builtins.attrNames profiles);
        example = "worker";
        description = "What the node is for. ${lib.concatStringsSep " " (lib.mapAttrsToList (name: profile: "`${name}`: ${profile.description}.") profiles)}";
      };
      hosts = mkOption {
        type = types.attrsOf (types.attrsOf types.str);
        default = { };
        example = { node01 = { provisioning = "10.0.100.50"; cluster = "10.0.200.10"; }; };
        description = "Nodes that this one must find by name without a name server: the bootstrap members and itself. A name leads to the cluster network where there is one.";
      };
      labels = mkOption { type = types.attrsOf types.str; default = { }; example = { rack = "a1"; }; description = "Labels of the node. They appear in /etc/flint/node.json; a change needs no restart."; };
      disk = mkOption { type = types.attrsOf types.anything; default = { }; example = { layout = "single-uefi"; serial = "S4EVNX0R"; mark = "flint-1a2b3c4d"; }; description = "How the system's disk is recognised, and laid out."; };
      sshAuthorizedKeys = mkOption { type = types.listOf types.str; default = [ ]; example = [ "ssh-ed25519 AAAAC3… operator" ]; description = "Public keys that may log in as root."; };
      secrets = mkOption {
        type = types.path;
        default = "/etc/nixos/secrets";
        example = "/var/lib/secrets";
        description = "Directory of ca.crt, node.crt, node.key and cluster-config.json on the node. Written at installation beside the closure, never through the Nix store.";
      };
    };
  };

  config = {
    networking.hostName = cfg.node.name;
    networking.domain = cfg.cluster.domain;
    assertions = [
      {
        assertion = !inStore cfg.node.secrets;
        message = "flint.node.secrets: ${toString cfg.node.secrets} would be copied to the Nix store, which everyone on every machine can read. Write the path as a string, as \"/etc/nixos/secrets\": it is a directory of the node, not of the flake.";
      }
    ];
    environment.etc."flint/node.json".text = builtins.toJSON {
      inherit (cfg.node) name profile hosts labels disk;
      networks = cfg.node.networks or { };
      cluster = { inherit (cfg.cluster) name domain; };
    };
  };
}
