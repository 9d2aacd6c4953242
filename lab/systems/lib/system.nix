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

  scripts = builtins.path { path = ../system; name = "system-scripts"; };
  lines = lib.concatMapStrings (line: "${line}\n");

  # Every line of a file's text begins with a bar in the list that the builder reads. (builtins.split would lose the store
  # paths that the text depends on.)
  quoted = builtins.replaceStrings [ "\n" ] [ "\n|" ];

  # Everything but the texts: the same for all machines whose files have the same names, and built once for them.
  skeleton = run {
    name = "system-skeleton";
    inherit image scripts;
    passAsFile = [ "entries" "links" ];
    entries = lines (builtins.attrNames (etc.files // etc.links));
    links = lines (lib.mapAttrsToList (path: target: "${path} ${target}") etc.links);
    script = ''. "$scripts/skeleton"'';
  };

  # What switching compares: which units are other ones, and whether anything of the network is.
  inDirectory = directory: builtins.filter (lib.hasPrefix directory) (builtins.attrNames etc.files);
  checksum = texts: builtins.hashString "sha256" (lib.concatStringsSep "" texts);
  isService = path: builtins.match ".*[.]service" path != null;
  unitChecksums = map (path: "${baseNameOf path} ${checksum [ etc.files.${path} ]}")
    (builtins.filter isService (inDirectory "systemd/system/"))
  ++ [ "network ${checksum (map (path: etc.files.${path}) (inDirectory "systemd/network/"))}" ];

  toplevel = run {
    name = "nixos-system-${node.name}-lab";
    inherit scripts skeleton;
    passAsFile = [ "files" ];
    files = lib.concatStringsSep "" (lib.mapAttrsToList (path: text: "file ${path}\n|${quoted text}\n") (
      lib.mapAttrs' (path: text: lib.nameValuePair "etc/${path}" text) etc.files
      // {
        kernel-params = "root=PARTLABEL=${node.disk.mark}-root ${toString config.boot.kernelParams}";
        unit-checksums = lines unitChecksums;
      }
    ));
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
