{ config, pkgs, ... }:
{
  config.system.build = {
    kernel = pkgs.runCommand "kernel" { } ''mkdir "$out"; echo kernel > "$out/bzImage"'';
    netbootRamdisk = pkgs.runCommand "ramdisk" { } ''mkdir "$out"; echo initrd > "$out/initrd"'';
  };
}
