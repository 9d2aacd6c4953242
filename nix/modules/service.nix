# One of the cluster's four services: its options and its unit. Each of them differs only in ports, order and arguments.
{ name, title, ports, after, arguments }:
{ config, lib, ... }:
let
  inherit (lib) mkOption types;
  cfg = config.services.${name};
  node = config.flint.node;
  before = builtins.filter (other: config.services.${other}.enable) after;
in
{
  options.services.${name} = {
    enable = mkOption {
      type = types.bool;
      default = if name == "plasmavmc" then true else node.profile != "worker";
      description = "Whether ${title} runs on this node. Decided by the profile.";
    };
    package = mkOption { type = types.nullOr types.package; default = null; description = "The package with `bin/${name}`."; };
    command = mkOption {
      type = types.listOf types.str;
      default = [ "${cfg.package}/bin/${name}" ];
      description = "The program and its first arguments. Set it where `bin/${name}` of the package is not what starts ${title}.";
    };
    arguments = mkOption { type = types.listOf types.str; default = arguments { inherit cfg config; }; description = "Arguments after `command`."; };
  } // builtins.mapAttrs
    (port: default: mkOption { type = types.port; inherit default; description = "TCP port (${port}) of ${title}."; })
    ports;

  config = lib.mkIf cfg.enable {
    systemd.services.${name} = {
      description = "${title} of cluster ${config.flint.cluster.name}";
      wantedBy = [ "multi-user.target" ];
      wants = [ "network-online.target" ];
      after = [ "network-online.target" ] ++ map (other: "${other}.service") before;
      # Read anew at every start, so that a renewed certificate takes a restart and nothing else.
      unitConfig.ConditionPathExists = "${node.secrets}/node.key";
      serviceConfig = {
        Type = "notify";
        NotifyAccess = "all";
        ExecStart = lib.concatStringsSep " " (cfg.command ++ cfg.arguments);
        StateDirectory = name;
        StateDirectoryMode = "0700";
        Restart = "always";
        RestartSec = 1;
        KillMode = "mixed";
        TimeoutStopSec = 15;
        LimitNOFILE = 65536;
      };
    };
    networking.firewall.allowedTCPPorts = map (port: cfg.${port}) (builtins.attrNames ports);
  };
}
