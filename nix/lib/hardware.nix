# Which drivers a node's initrd has: those of its nixos-facter report, or all that a disk or a network may need.
{ report }:
{ lib, options, ... }:
let
  facter = options ? hardware && options.hardware ? facter;
in
if report != null
then {
  config =
    if facter then { hardware.facter.reportPath = report; }
    else throw "mkCluster: facterReports needs a nixpkgs with hardware.facter (25.11 or newer). Update nixpkgs, or leave facterReports out.";
}
else {
  config = {
    hardware = { enableRedistributableFirmware = lib.mkDefault true; }
      // lib.optionalAttrs (options.hardware ? enableAllHardware) { enableAllHardware = lib.mkDefault true; };
    # Disk controllers of servers and virtual machines; NixOS' own list has those of desktops.
    boot.initrd.availableKernelModules = [
      "nvme" "ahci" "sd_mod" "usbhid" "usb_storage" "xhci_pci" "ehci_pci"
      "megaraid_sas" "mpt3sas" "hpsa" "smartpqi" "aacraid" "mpi3mr"
      "virtio_pci" "virtio_blk" "virtio_scsi" "virtio_net" "vmw_pvscsi" "hv_storvsc"
    ];
  };
}
