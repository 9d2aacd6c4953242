# One disk: a 1 GiB EFI system partition (or a BIOS boot partition) and an ext4 root.
disk:
let parts = import ./parts.nix disk; in
{
  disk.system = {
    type = "disk";
    device = parts.device "system";
    content = parts.system { content = { type = "filesystem"; format = "ext4"; mountpoint = "/"; mountOptions = [ "noatime" ]; }; };
  };
}
