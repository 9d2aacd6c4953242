/** What the script prints in the rack's installer on QEMU (q35, OVMF, virtio-blk with a serial), disk as given. */
export function qemuInstaller(disks: unknown[], sections: Record<string, string> = {}): string {
  const all: Record<string, string> = {
    cmdline: `init=/init initrd=initrd initrd=keys console=ttyS0 flint.node=node01 flint.nonce=0123456789abcdef BOOTIF=01-52-54-00-00-00-01`,
    "boot-id": "5c1a3c4e-8a3b-4a52-9d3c-0a1b2c3d4e5f",
    "os-release": 'ID=nixos\nVARIANT_ID=installer\nPRETTY_NAME="Flint installer"',
    serial: "RACK-dev-01",
    uuid: "7F000000-0000-4000-8000-000000000001",
    product: "Standard PC (Q35 + ICH9, 2009)",
    memory: "988652",
    firmware: "uefi",
    nics: "enp0s2 52:54:00:00:00:01\nenp0s3 52:54:00:00:01:01",
    disks: JSON.stringify({ blockdevices: disks }, null, 3),
    ...sections,
  };
  return Object.entries(all)
    .map(([name, text]) => `\n=== ${name}\n${text}${text === "" ? "" : "\n"}`)
    .join("");
}

const NOTHING = {
  serial: null,
  wwn: null,
  model: null,
  pttype: null,
  fstype: null,
  label: null,
  partlabel: null,
  mountpoint: null,
};

/** lsblk's line of a whole disk. */
export const lsblkDisk = (differences: object = {}) => ({
  ...NOTHING,
  name: "/dev/vda",
  type: "disk",
  serial: "DISK-dev-01",
  size: 6442450944,
  ...differences,
});

/** lsblk's line of a partition. */
export const lsblkPart = (name: string, differences: object = {}) => ({
  ...NOTHING,
  name,
  type: "part",
  size: 1073741824,
  pttype: "gpt",
  ...differences,
});
