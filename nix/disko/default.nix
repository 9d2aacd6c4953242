# A node's disks: how they are laid out when it is installed, and how the installed system mounts and starts from them.
# { disk }: a NixOS module, beside disko's own. `disk` is the node's entry of cluster.json: a layout, the installation's mark,
# what the disk is recognised by, and where there are such, `mirror` and `data` with what theirs are.
{ disk }:
{ config, lib, pkgs, ... }:
let
  parts = import ./parts.nix disk;
  mirrored = disk ? mirror;
  zfs = builtins.match "zfs-.*" disk.layout != null;
  roles = [ "system" ] ++ lib.optional mirrored "mirror";
  raft = builtins.filter (service: disk ? data && config.services.${service}.enable) [ "chainfire" "flaredb" ];
  state = service: "/var/lib/${service}";
  # Once the system runs: a disk that died since must not keep the others from being named.
  nameDisks = "${pkgs.bash}/bin/sh ${./find-disk.sh} --degraded ${lib.concatStringsSep " " (import ./find-arguments.nix disk)} --link /dev/disk/by-flint";
  tools = [ pkgs.coreutils pkgs.gawk pkgs.util-linux ];
in
{
  imports = lib.optional (parts.firmware == "uefi") ../modules/boot-trial.nix;

  disko.devices = import ./devices.nix disk;

  # disko wipes before it runs any hook, so finding the disks comes before all of disko.
  system.build.diskoScript = lib.mkForce (pkgs.writeScript "disko-${config.networking.hostName}" (import ./script.nix {
    inherit disk;
    format = ''exec ${(config.disko.devices._scripts { inherit pkgs; }).diskoScript} "$@"'';
  }));

  boot.loader = if parts.firmware == "uefi" then {
    systemd-boot.enable = lib.mkDefault true;
    systemd-boot.configurationLimit = lib.mkDefault 5;
    systemd-boot.extraInstallCommands = lib.mkIf mirrored (lib.mkAfter ''
      PATH=${lib.makeBinPath [ pkgs.coreutils pkgs.diffutils pkgs.findutils pkgs.gnused pkgs.util-linux ]}:$PATH ${pkgs.bash}/bin/sh ${../scripts/mirror-esp.sh} /boot /boot-mirror
    '');
    efi.canTouchEfiVariables = lib.mkDefault false; # the firmware's order is the BMC's business
  } else {
    grub.enable = true;
    grub.configurationLimit = lib.mkDefault 5;
    grub.devices = lib.mkForce (map parts.device roles);
    grub.extraPrepareConfig = "PATH=${lib.makeBinPath tools}:$PATH ${nameDisks} || :\n";
  };

  systemd.services = {
    # GRUB is written to whole disks, which have no lasting name but what they are found by.
    flint-disks = lib.mkIf (parts.firmware == "bios") {
      description = "Names of this node's disks";
      wantedBy = [ "multi-user.target" ];
      path = tools;
      serviceConfig = {
        Type = "oneshot";
        RemainAfterExit = true;
        ExecStart = nameDisks;
      };
    };
  }
  # Without its disk a service must not begin an empty life on the system's own.
  // lib.genAttrs raft (service: { unitConfig.RequiresMountsFor = state service; });

  # ZFS takes a pool only on the host that it belongs to.
  networking.hostId = lib.mkIf zfs (lib.removePrefix "flint-" disk.mark);

  fileSystems = lib.genAttrs (map state raft) (path: {
    device = "/var/lib/raft/${baseNameOf path}";
    fsType = "none";
    options = [ "bind" "nofail" "x-systemd.requires-mounts-for=/var/lib/raft" ];
  });
  environment.etc.crypttab = lib.mkIf (disk.data.encrypted or false) {
    text = "${parts.label "data"} /dev/disk/by-partlabel/${parts.label "data"} ${config.flint.node.secrets}/data.key luks,nofail\n";
  };
}
