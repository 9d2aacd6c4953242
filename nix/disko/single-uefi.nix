# One disk: a 1 GiB EFI system partition and an ext4 root, for disko. The disk is found by what is known of it (serial, wwn,
# size), not by a name that the kernel hands out anew at every boot.
{ disk }:
{
  disko.devices.disk.main = {
    type = "disk";
    device = "/dev/disk/by-flint/system";
    preCreateHook = ''
      mkdir -p /dev/disk/by-flint
      ln -sfn "$(sh ${./find-disk.sh} ${builtins.concatStringsSep " " (import ./find-arguments.nix disk)})" /dev/disk/by-flint/system
    '';
    content = {
      type = "gpt";
      partitions = {
        esp = {
          label = "${disk.mark}-esp";
          size = "1G";
          type = "EF00";
          content = { type = "filesystem"; format = "vfat"; mountpoint = "/boot"; mountOptions = [ "umask=0077" ]; };
        };
        root = {
          label = "${disk.mark}-root";
          size = "100%";
          content = { type = "filesystem"; format = "ext4"; mountpoint = "/"; };
        };
      };
    };
  };
}
