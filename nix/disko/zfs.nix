# Two disks: the root is a dataset of a mirrored ZFS pool that is named after the installation.
disk:
let
  parts = import ./parts.nix disk;
  member = role: suffix: mountpoint: {
    type = "disk";
    device = parts.device role;
    content = parts.system { inherit suffix mountpoint; content = { type = "zfs"; pool = disk.mark; }; };
  };
in
{
  disk.system = member "system" "" "/boot";
  disk.mirror = member "mirror" "2" "/boot-mirror";
  zpool.${disk.mark} = {
    type = "zpool";
    mode = "mirror";
    options = { ashift = "12"; autotrim = "on"; };
    rootFsOptions = { acltype = "posixacl"; atime = "off"; compression = "zstd"; mountpoint = "none"; xattr = "sa"; };
    datasets.root = { type = "zfs_fs"; mountpoint = "/"; options.mountpoint = "legacy"; };
  };
}
