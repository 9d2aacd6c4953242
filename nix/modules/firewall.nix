# Lets clients in at the services' ports: on this node's own addresses, with whichever firewall the system has.
{ config, lib, ... }:
let
  inherit (lib) mkOption types;
  cfg = config.flint.firewall;
  render = import ../lib/firewall-rules.nix;
  nftables = config.networking.nftables.enable;
in
{
  options.flint.firewall = {
    clients = mkOption {
      type = types.listOf (types.strMatching "[0-9./]+");
      default = [ ];
      example = [ "10.9.0.0/16" ];
      description = "Networks from which clients may call the services' APIs, besides the node's own. Empty: from anywhere that reaches the node (all APIs ask for a certificate).";
    };
    rules = mkOption {
      type = types.listOf types.anything;
      default = [ ];
      internal = true;
      description = "What the services open: `{ what; port; to; from; }`.";
    };
  };

  config.networking.firewall = lib.mkMerge [
    (lib.mkIf nftables { extraInputRules = render.nftables cfg.rules; })
    (lib.mkIf (!nftables) { extraCommands = render.iptables cfg.rules; })
  ];
}
