# mkCluster { nixpkgs, disko, cluster, modules }: nixosConfigurations of all nodes of cluster.json, and a netboot image per
# profile. `modules` are added to every node: the packages of the four services, and whatever else the operator runs.
{ nixpkgs, disko, cluster, modules ? [ ] }:
let
  data = import ./cluster.nix cluster;
  platforms = [ "x86_64-linux" "aarch64-linux" ];
  profiles = [ "control-plane" "worker" "all-in-one" ];
  each = names: make: builtins.listToAttrs (map (name: { inherit name; value = make name; }) names);

  node = name: entry: nixpkgs.lib.nixosSystem {
    inherit (entry) system;
    modules = import ./node-modules.nix data name ++ [
      disko.nixosModules.disko
      (import ../disko/single-uefi.nix { inherit (entry) disk; })
      {
        boot.loader.systemd-boot.enable = true;
        boot.loader.systemd-boot.configurationLimit = 5;
        boot.loader.efi.canTouchEfiVariables = false; # the firmware's order is the BMC's business
      }
    ] ++ modules;
  };

  netboot = system: profile:
    let
      inherit (nixpkgs.lib.nixosSystem {
        inherit system;
        modules = [ "${nixpkgs}/nixos/modules/installer/netboot/netboot-minimal.nix" ../modules/installer.nix { networking.hostName = "installer"; } ];
      }) config pkgs;
      kernel = "${config.system.build.kernel}/${config.system.boot.loader.kernelFile}";
      initrd = "${config.system.build.netbootRamdisk}/initrd";
    in
    # The command line changes with every build (init= is a store path), so it is part of the output.
    pkgs.runCommand "netboot-${profile}" { cmdline = "init=${config.system.build.toplevel}/init ${toString config.boot.kernelParams} flint.profile=${profile}"; } ''
      mkdir -p $out
      ln -s ${kernel} $out/bzImage
      ln -s ${initrd} $out/initrd
      describe() { printf '{"file":"%s","size":%s,"sha256":"%s"}' "$1" "$(stat -Lc %s $out/$1)" "$(sha256sum $out/$1 | cut -d' ' -f1)"; }
      printf '{"version":1,"arch":"%s","kernel":%s,"initrd":%s,"cmdline":"%s"}\n' \
        ${pkgs.stdenv.hostPlatform.linuxArch} "$(describe bzImage)" "$(describe initrd)" "$cmdline" > $out/manifest.json
    '';
in
{
  nixosConfigurations = builtins.mapAttrs node data.nodes;
  packages = each platforms (system: builtins.listToAttrs (map (profile: { name = "netboot-${profile}"; value = netboot system profile; }) profiles));
}
