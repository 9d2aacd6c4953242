# Two disks with the same content: the root is an ext4 on a mirror of Linux' own (md, RAID 1). Each disk can start the machine:
# with UEFI each has an EFI system partition of its own (the second is mounted on /boot-mirror and kept the same by
# scripts/mirror-esp.sh), with BIOS each has GRUB.
disk:
let
  parts = import ./parts.nix disk;
  name = parts.label "root";
  member = role: suffix: mountpoint: {
    type = "disk";
    device = parts.device role;
    content = parts.system { inherit suffix mountpoint; content = { type = "mdraid"; inherit name; }; };
  };
in
{
  disk.system = member "system" "" "/boot";
  disk.mirror = member "mirror" "2" "/boot-mirror";
  mdadm.${name} = {
    type = "mdadm";
    level = 1;
    metadata = "1.2";
    # With a bitmap a disk that was away for a moment is brought up to date in seconds.
    extraArgs = [ "--bitmap=internal" ];
    content = { type = "filesystem"; format = "ext4"; mountpoint = "/"; mountOptions = [ "noatime" ]; };
  };
}
