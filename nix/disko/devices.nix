# A node's disks, as cluster.json describes them, as `disko.devices`.
disk:
let
  kind = builtins.elemAt (builtins.match "(.*)-(uefi|bios)" disk.layout) 0;
  layouts = { single = ./single.nix; mdraid = ./mdraid.nix; btrfs = ./btrfs.nix; zfs = ./zfs.nix; };
  system = import layouts.${kind} disk;
in
system // { disk = system.disk // (if disk ? data then (import ./data.nix disk).disk else { }); }
