# A first-boot step as a unit: runs one of nix/scripts until it has succeeded once.
# { config, lib, pkgs, script, arguments, after, requires, marker }: the unit's definition.
{ config, lib, pkgs, description, script, arguments ? [ ], after, requires ? [ ], marker ? null }:
let
  scripts = builtins.path { path = ../scripts; name = "flint-scripts"; filter = path: type: lib.hasPrefix "regular" type && builtins.match ".*\\.sh" path != null; };
  port = service: option: default: toString (config.services.${service}.${option} or default);
  ports = { CHAINFIRE = port "chainfire" "apiPort" 2379; FLAREDB = port "flaredb" "apiPort" 2479; IAM = port "iam" "port" 8080; PLASMAVMC = port "plasmavmc" "port" 8081; };
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
  } // lib.mapAttrs' (name: value: lib.nameValuePair "FLINT_${name}_PORT" value) ports;
  unitConfig = { StartLimitIntervalSec = 0; } // lib.optionalAttrs (marker != null) { ConditionPathExists = "!/var/lib/flint/${marker}"; };
  serviceConfig = {
    Type = "oneshot";
    RemainAfterExit = true;
    ExecStart = lib.concatStringsSep " " ([ "${pkgs.bash}/bin/bash" "${scripts}/${script}" ] ++ arguments);
    StateDirectory = "flint";
    Restart = "on-failure";
    RestartSec = 5;
    RestartSteps = 5;
    RestartMaxDelaySec = 120;
    RestartPreventExitStatus = "2"; # wrong configuration: repeating it changes nothing
    TimeoutStartSec = "infinity"; # the scripts have deadlines of their own
  } // lib.optionalAttrs config.flint.firstBoot.hardening (import ../lib/hardening.nix).step;
}
