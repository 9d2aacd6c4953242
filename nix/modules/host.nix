# What a raft cluster asks of its machines: a clock that agrees with the others', and a journal that outlives a crash without
# filling the disk that the stores write to.
{ config, lib, ... }:
let
  inherit (lib) mkOption types;
  cfg = config.flint.host;
in
{
  options.flint.host = {
    timeServers = mkOption {
      type = types.listOf types.str;
      default = [ ];
      example = [ "10.0.100.1" "ntp.example.com" ];
      description = "NTP servers. Empty: those of NixOS, which need the internet. A clock that is off makes certificates look expired or not yet valid.";
    };
    journalMaxUse = mkOption { type = types.str; default = "1G"; example = "4G"; description = "Disk space that the journal takes at most."; };
  };

  config = {
    services.timesyncd = lib.mkMerge [
      { enable = lib.mkDefault true; }
      (lib.mkIf (cfg.timeServers != [ ]) { servers = cfg.timeServers; fallbackServers = [ ]; })
    ];
    # Written soon: after a power cut the last lines tell what happened. (NixOS keeps the journal on disk, and limits each service.)
    services.journald.extraConfig = ''
      SystemMaxUse=${cfg.journalMaxUse}
      SystemKeepFree=2G
      MaxRetentionSec=3month
      SyncIntervalSec=30s
    '';
    # The stores write with fsync; pages that wait long make each one slow, and a slow one is an election.
    boot.kernel.sysctl = {
      "vm.dirty_background_bytes" = lib.mkDefault 67108864;
      "vm.dirty_bytes" = lib.mkDefault 268435456;
      "vm.swappiness" = lib.mkDefault 1;
      # A node that hung is worse than one that restarts: its vote comes back.
      "kernel.panic" = lib.mkDefault 10;
    };
  };
}
