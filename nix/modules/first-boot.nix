# A first-boot step as a unit: runs one of nix/scripts until it has succeeded once.
# { config, lib, pkgs, script, arguments, after, requires, marker }: the unit's definition.
{ config, lib, pkgs, description, script, arguments ? [ ], after, requires ? [ ], marker ? null }:
let
  scripts = builtins.path { path = ../scripts; name = "flint-scripts"; filter = path: type: lib.hasPrefix "regular" type && builtins.match ".*\\.sh" path != null; };
  ports = { CHAINFIRE = config.services.chainfire.apiPort; FLAREDB = config.services.flaredb.apiPort; IAM = config.services.iam.port; PLASMAVMC = config.services.plasmavmc.port; };
in
{
  inherit description requires;
  wantedBy = [ "multi-user.target" ];
  wants = [ "network-online.target" ];
  after = [ "network-online.target" ] ++ after;
  path = [ pkgs.bash pkgs.coreutils pkgs.curl pkgs.jq ];
  environment = {
    FLINT_CLUSTER_CONFIG = "${config.flint.node.secrets}/cluster-config.json";
    FLINT_TLS_DIR = config.flint.node.secrets;
  } // lib.mapAttrs' (name: port: lib.nameValuePair "FLINT_${name}_PORT" (toString port)) ports;
  unitConfig = lib.optionalAttrs (marker != null) { ConditionPathExists = "!/var/lib/flint/${marker}"; };
  serviceConfig = {
    Type = "oneshot";
    RemainAfterExit = true;
    ExecStart = lib.concatStringsSep " " ([ "${pkgs.bash}/bin/bash" "${scripts}/${script}" ] ++ arguments);
    StateDirectory = "flint";
    Restart = "on-failure";
    RestartSec = 5;
    RestartPreventExitStatus = "2"; # wrong configuration: repeating it changes nothing
    TimeoutStartSec = "infinity"; # the scripts have deadlines of their own
  };
}
