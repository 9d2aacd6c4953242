# Two disks: the root is one btrfs that keeps data and metadata on both (raid1), with checksums that tell which copy is right.
# A machine with one of the disks missing does not start by itself: start it with `rootflags=degraded`.
disk:
let parts = import ./parts.nix disk; in
{
  # disko makes disks in the order of their names: the mirror's partition is there when the file system is made.
  disk.mirror = {
    type = "disk";
    device = parts.device "mirror";
    content = parts.system { suffix = "2"; mountpoint = "/boot-mirror"; content = null; };
  };
  disk.system = {
    type = "disk";
    device = parts.device "system";
    content = parts.system {
      content = {
        type = "btrfs";
        extraArgs = [ "--force" "--data" "raid1" "--metadata" "raid1" "/dev/disk/by-partlabel/${parts.label "root2"}" ];
        mountpoint = "/";
        mountOptions = [ "compress=zstd" "noatime" ];
      };
    };
  };
}
