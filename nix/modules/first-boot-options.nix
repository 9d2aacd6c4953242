# What the first-boot steps have in common.
{ lib, ... }:
{
  options.flint.firstBoot.hardening = lib.mkOption {
    type = lib.types.bool;
    default = true;
    example = false;
    description = "Whether the first-boot steps run in systemd's sandbox.";
  };
}
