# The first start of a new system is a trial (UEFI, systemd-boot): see scripts/boot-trial.sh. Where nixpkgs counts boots
# (boot.loader.systemd-boot.bootCounting, 26.11), that is used: three tries, and systemd-bless-boot once the start is complete.
# Elsewhere the new entry is the loader's one-shot entry, while the default stays the last good one.
{ config, lib, options, pkgs, ... }:
let
  cfg = config.flint.rollback;
  counts = options.boot.loader.systemd-boot ? bootCounting;
  packages = [ pkgs.coreutils pkgs.gnused pkgs.systemd ];
  trial = command: "${pkgs.bash}/bin/sh ${../scripts/boot-trial.sh} ${command}";
  unit = description: command: attributes: {
    inherit description;
    path = packages ++ [ pkgs.bash ];
    environment.FLINT_DEADLINE = toString cfg.bootDeadline;
    serviceConfig = { Type = "oneshot"; RemainAfterExit = true; ExecStart = trial command; TimeoutStartSec = "infinity"; StateDirectory = "flint"; };
  } // attributes;
in
{
  config = lib.mkIf cfg.enable (lib.mkMerge ([
    {
      # A system that cannot start must end its attempt: a panic restarts, and so does an initrd that finds no root.
      boot.kernelParams = [ "panic=10" "boot.panic_on_fail" ];
      systemd.services.flint-boot-check = unit "Wait until a new system is healthy" "check" {
        wantedBy = [ "multi-user.target" ];
        requiredBy = [ "boot-complete.target" ];
        before = [ "boot-complete.target" ];
        after = [ "network-online.target" "sshd.service" "cluster-health-check.service" ];
        wants = [ "network-online.target" ];
      };
    }
  ] ++ (if counts then [
    { boot.loader.systemd-boot.bootCounting = { enable = lib.mkDefault true; tries = lib.mkDefault 3; }; }
  ] else [
    {
      boot.loader.systemd-boot.extraInstallCommands = "PATH=${lib.makeBinPath packages}:$PATH ${trial "arm"}\n";
      systemd.services.flint-boot-good = unit "Start this system from now on" "good" {
        wantedBy = [ "multi-user.target" ];
        requires = [ "boot-complete.target" ];
        after = [ "boot-complete.target" ];
      };
    }
  ])));
}
