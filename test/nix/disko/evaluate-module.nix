# A node's disks and its first start as NixOS takes them: evaluated with nixpkgs' lib and disko's types; the options of NixOS
# that they set are stand-ins of type "anything".
{ nixpkgs, disko, nix, disk, counts ? false }:
let
  lib = import (nixpkgs + "/lib");
  tool = name: { outPath = "/pkgs/${name}"; };
  pkgs = lib.genAttrs [ "bash" "coreutils" "gawk" "gnused" "util-linux" "diffutils" "findutils" "systemd" "iproute2" "openssh" "curl" "jq" "parted" "gptfdisk" "systemdMinimal" "e2fsprogs" "mdadm" "zfs" "lvm2" "coreutils-full" "gnugrep" "dosfstools" "cryptsetup" "btrfs-progs" ] tool // {
    writeScript = name: text: { outPath = "/script/${name}"; inherit text; };
    writeShellScriptBin = name: text: { outPath = "/bin/${name}"; inherit text; };
    writers.makeScriptWriter = args: name: text: { outPath = "/disko/${name}"; inherit text; };
  };
  anything = lib.mkOption { type = lib.types.anything; default = { }; };
  evaluated = lib.evalModules {
    specialArgs = { inherit pkgs; };
    modules = [
      (import (nix + "/disko") { inherit disk; })
      (nix + "/modules/rollback.nix")
      ({ config, ... }: {
        options = {
          disko.devices = lib.mkOption { type = (import (disko + "/lib") { inherit lib; }).toplevel; };
          system = anything; fileSystems = anything; systemd = anything; environment = anything; networking = anything; services = anything; assertions = anything;
          boot.kernelParams = anything // { default = [ ]; };
          boot.loader.grub = anything; boot.loader.efi = anything;
          boot.loader.systemd-boot = { enable = anything; configurationLimit = anything; extraInstallCommands = lib.mkOption { type = lib.types.lines; default = ""; }; }
            // lib.optionalAttrs counts { bootCounting = { enable = anything; tries = anything; }; };
          flint.node = anything;
        };
        config = {
          services.chainfire.enable = true; services.flaredb.enable = true;
          flint.node.secrets = "/etc/nixos/secrets"; networking.hostName = "node01"; networking.hostId = lib.mkDefault null;
          systemd.services.cluster-health-check = { environment.FLINT_X = "a'b"; path = [ pkgs.bash ]; serviceConfig.ExecStart = "/bash health chainfire"; };
        };
      })
    ];
  };
  c = evaluated.config;
in
{
  script = c.system.build.diskoScript.text;
  inherit (c.boot) loader;
  inherit (c) fileSystems;
  etc = c.environment.etc;
  units = c.systemd.services;
  hostId = c.networking.hostId;
  disko = c.disko.devices._disko;
  trial = c.boot.kernelParams;
}
