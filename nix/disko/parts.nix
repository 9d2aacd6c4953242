# The pieces that layouts are made of, for a node's disk: partitions as disko takes them. Every partition's name begins with
# the installation's mark; a disk all of whose partitions do is Flint's own, and may be formatted again.
disk:
let
  label = name: "${disk.mark}-${name}";
  firmware = builtins.elemAt (builtins.match ".*-(uefi|bios)" disk.layout) 0;
in
rec {
  inherit label firmware;

  # Links that find-disk.sh makes on the machine, before anything is written.
  device = role: "/dev/disk/by-flint/${role}";

  # What the firmware starts from, on each disk that can be started from. `suffix` is empty on the first one.
  boot = { suffix ? "", mountpoint ? "/boot" }:
    if firmware == "uefi" then {
      esp = {
        label = label "esp${suffix}";
        size = "1G";
        type = "EF00";
        content = {
          type = "filesystem";
          format = "vfat";
          inherit mountpoint;
          # A machine that lost one of its disks must still start.
          mountOptions = [ "umask=0077" ] ++ (if disk ? mirror then [ "nofail" ] else [ ]);
        };
      };
    } else {
      bios = { label = label "bios${suffix}"; size = "1M"; type = "EF02"; }; # where GRUB puts what does not fit into the first sector
    };

  # The disk that the system is on: what it starts from, and the rest for `content`.
  system = { suffix ? "", mountpoint ? "/boot", content }: {
    type = "gpt";
    partitions = boot { inherit suffix mountpoint; } // {
      root = { label = label "root${suffix}"; size = "100%"; } // (if content == null then { } else { inherit content; });
    };
  };
}
