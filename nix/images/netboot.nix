# The installer as a netboot image: bzImage, initrd, netboot.ipxe, and manifest.json with their sizes, checksums and command
# line. The command line changes with every build (init= is a store path), so it is part of the output.
{ nixpkgs, system, profile, modules ? [ ], specialArgs ? { } }:
let
  inherit (nixpkgs.lib.nixosSystem {
    inherit specialArgs;
    modules = [
      "${nixpkgs}/nixos/modules/installer/netboot/netboot-minimal.nix"
      ../modules/installer.nix
      { nixpkgs.hostPlatform = nixpkgs.lib.mkDefault system; networking.hostName = nixpkgs.lib.mkDefault "installer"; }
    ] ++ modules;
  }) config pkgs;
  kernel = "${config.system.build.kernel}/${config.system.boot.loader.kernelFile}";
  initrd = "${config.system.build.netbootRamdisk}/initrd";
  init = "${config.system.build.toplevel}/init";
  # What uname -m says. (linuxArch would be arm64.)
  arch = nixpkgs.lib.removeSuffix "-linux" system;
in
pkgs.runCommand "netboot-${profile}"
  {
    cmdline = "init=${init} ${toString config.boot.kernelParams} flint.profile=${profile}";
    inherit arch profile init;
  } ''
  mkdir -p "$out"
  ln -s ${kernel} "$out/bzImage"
  ln -s ${initrd} "$out/initrd"
  printf '#!ipxe\nkernel bzImage initrd=initrd %s ''${cmdline}\ninitrd initrd\nboot\n' "$cmdline" > "$out/netboot.ipxe"
  describe() { printf '{"file":"%s","size":%s,"sha256":"%s"}' "$1" "$(stat -Lc %s "$out/$1")" "$(sha256sum "$out/$1" | cut -d' ' -f1)"; }
  printf '{"version":1,"arch":"%s","profile":"%s","kernel":%s,"initrd":%s,"init":"%s","cmdline":"%s"}\n' \
    "$arch" "$profile" "$(describe bzImage)" "$(describe initrd)" "$init" "$cmdline" > "$out/manifest.json"
''
