# One node's system: what `nixosConfigurations.<node>` of NixOS offers, as far as Flint asks for it.
{ lib, blobs, run, flint, modules, sandbox ? false }:
let
  # Programs are where Debian has them; scripts of the modules name them through pkgs.
  debian = { outPath = "/usr"; };
  pkgs = { bash = debian; coreutils = debian; curl = debian; jq = debian; };
  evaluated = lib.evalModules {
    modules = modules ++ [ ./options.nix (import ./base.nix { inherit blobs run sandbox; }) { _module.args = { inherit pkgs; }; } ];
  };
  failed = builtins.filter (a: !a.assertion) evaluated.config.assertions;
  config = if failed == [ ] then evaluated.config else throw (lib.concatMapStringsSep "; " (a: a.message) failed);
  inherit (config.flint) node;
  etc = import ./etc.nix { inherit lib config; };

  # What all systems have in common, as one path. Copied, not linked: a path that is addressed by its content (as the blobs
  # are) is hashed twice by the machine that receives it, and hashing is slow on an emulated processor.
  image = run {
    name = "debian-system";
    inherit (blobs) kernel initrd usr bootloader;
    script = ''
      mkdir -p "$out"
      cp "$kernel" "$out/kernel"; cp "$initrd" "$out/initrd"; cp "$usr" "$out/usr"; cp "$bootloader" "$out/systemd-boot.efi"
    '';
  };

  # Every line of a file's text begins with a bar in the list that the builder reads. (builtins.split would lose the store
  # paths that the text depends on.)
  quoted = builtins.replaceStrings [ "\n" ] [ "\n|" ];

  toplevel = run {
    name = "nixos-system-${node.name}-lab";
    inherit image;
    scripts = builtins.path { path = ../system; name = "system-scripts"; };
    kernelParams = toString config.boot.kernelParams;
    root = "root=PARTLABEL=${node.disk.mark}-root";
    passAsFile = [ "files" ];
    files = lib.concatStringsSep "" (
      lib.mapAttrsToList (path: text: "file ${path}\n|${quoted text}\n") etc.files
      ++ lib.mapAttrsToList (path: target: "link ${path} ${target}\n") etc.links
    );
    script = ''. "$scripts/build"'';
  };

  # The layout that disko gets on real machines. Systems here start from one disk with an EFI system partition.
  diskoScript =
    if node.disk.layout != "single-uefi" || node.disk ? data then throw "node ${node.name}: systems of the virtual rack have one disk, with layout single-uefi"
    else run {
      name = "disko-${node.name}";
      text = import "${flint}/disko/script.nix" {
        inherit (node) disk;
        format = import "${flint}/tests/mini-disko.nix" (import "${flint}/disko/devices.nix" node.disk);
      };
      passAsFile = [ "text" ];
      script = ''cp "$textPath" "$out"; chmod 755 "$out"'';
    };
in
{
  config = config // { system.build = { inherit toplevel diskoScript; }; };
  pkgs.system = "x86_64-linux";
}
