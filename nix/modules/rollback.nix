# A system that does not become healthy in time goes back to the one before by itself. `flint-switch` does so for a switch;
# boot-trial.nix for a start. Both ask /etc/flint/health, which is the health check of the cluster as this node sees it.
{ config, lib, pkgs, ... }:
let
  inherit (lib) mkOption types;
  cfg = config.flint.rollback;
  check = config.systemd.services.cluster-health-check;
  quote = s: "'${builtins.replaceStrings [ "'" ] [ "'\\''" ] (toString s)}'";
  variables = builtins.removeAttrs (lib.filterAttrs (_: value: value != null) check.environment) [ "PATH" "FLINT_DEADLINE" ];
in
{
  imports = [ ./health.nix ];

  options.flint.rollback.enable = mkOption {
    type = types.bool;
    default = true;
    example = false;
    description = "Whether a new system has to show that it is healthy: after a switch, and at its first start. If it is not, the machine goes back to the system before it.";
  };
  options.flint.rollback.bootDeadline = mkOption {
    type = types.ints.positive;
    default = 600;
    example = 1200;
    description = "Seconds that a new system has at its first start until it is healthy. After them the machine restarts, into the system before it.";
  };

  config = lib.mkIf cfg.enable {
    environment.etc."flint/health".text = ''
      # Whether this node is healthy now: ends with 0 or says what is not. Run it with sh.
      ${lib.concatStringsSep "" (lib.mapAttrsToList (name: value: "export ${name}=${quote value}\n") variables)}export FLINT_DEADLINE=0
      export PATH="${lib.concatStringsSep ":" (map (package: "${package}/bin") check.path)}:$PATH"
      exec ${check.serviceConfig.ExecStart}
    '';
  };
}
