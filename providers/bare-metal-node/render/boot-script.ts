/** The image pointer that NetbootImage leaves on the provisioning host. */
export interface ImagePointer {
  kernel: { path: string; size: number };
  initrd: { path: string; size: number };
  cmdline: string;
}

/** Stands for an image where none is expected to be fetched. */
export const NO_IMAGE: ImagePointer = { kernel: { path: "", size: 1 }, initrd: { path: "", size: 1 }, cmdline: "" };

export interface InstallBoot {
  node: string;
  mac: string;
  /** Provisioning address: only this address may fetch the keys. */
  address: string;
  httpUrl: string;
  nonce: string;
  image: ImagePointer;
}

/** `52:54:00:00:00:01` → `52-54-00-00-00-01`, as iPXE's `${netX/mac:hexhyp}` writes it. */
export function macHyphen(mac: string): string {
  return mac.toLowerCase().replaceAll(":", "-");
}

/** Path of a node's boot script below the web root. */
export function bootScriptPath(mac: string): string {
  return `nodes/${macHyphen(mac)}.ipxe`;
}

/** Path of the archive with the installer's keys below the web root: the web server gives it to this address only. */
export function keysPath(address: string, nonce: string): string {
  return `keys/${address}/${nonce}.cpio`;
}

/** Boot script: load the installer into memory. Writes nothing to any disk by itself. */
export function renderInstallScript(boot: InstallBoot): string {
  const { image, httpUrl } = boot;
  const cmdline = [
    // The keys first: an archive that is not compressed must begin at a multiple of four bytes, and the image's length is
    // not ours to choose (Linux init/initramfs.c).
    "initrd=keys initrd=initrd",
    image.cmdline,
    `flint.node=${boot.node} flint.nonce=${boot.nonce} BOOTIF=01-${macHyphen(boot.mac)}`,
  ].join(" ");
  return [
    "#!ipxe",
    `# flint install ${boot.node} ${boot.nonce}`,
    `echo Flint: loading the installer for ${boot.node}`,
    `kernel ${httpUrl}${image.kernel.path} ${cmdline}`,
    `initrd --name keys ${httpUrl}/${keysPath(boot.address, boot.nonce)}`,
    `initrd --name initrd ${httpUrl}${image.initrd.path}`,
    "boot",
    "",
  ].join("\n");
}

/** How iPXE hands a finished machine over to its disk; the names are Sidero's and Omni's. */
export const BOOT_FROM_DISK = ["ipxe-exit", "ipxe-sanboot", "http-404"] as const;
export type BootFromDisk = (typeof BOOT_FROM_DISK)[number];

export interface DiskBoot {
  name: string;
  firmware: "uefi" | "bios";
  /** Default: `ipxe-exit` with UEFI; `ipxe-sanboot` with BIOS, where leaving iPXE hangs some (sidero#287, #1205). */
  bootFromDisk?: BootFromDisk;
  httpUrl: string;
}

/** Boot script of a finished node: back to the firmware, which goes on with the disk, or straight to the disk. */
export function renderDiskScript({ name, firmware, bootFromDisk, httpUrl }: DiskBoot): string {
  const way: Record<BootFromDisk, string> = {
    // With a status that is no success: after a success firmware shows its menu or stands still (UEFI 2.10, 3.1.2).
    "ipxe-exit": "exit 1",
    // BIOS' first disk. UEFI firmware has no such number: iPXE says so and leaves.
    "ipxe-sanboot": "sanboot --no-describe --drive 0x80 || exit 1",
    // iPXE leaves with "not found", as firmware knows it of a boot file that is missing.
    "http-404": `chain --replace ${httpUrl}/nodes/disk`,
  };
  const usual = firmware === "bios" ? "ipxe-sanboot" : "ipxe-exit";
  const lines = ["#!ipxe", `# flint disk ${name}`, `echo Flint: ${name} boots from its disk`];
  return [...lines, way[bootFromDisk ?? usual], ""].join("\n");
}

/** What kind of boot script a file holds, by its second line. */
export function bootScriptKind(text: string | undefined): "install" | "disk" | "foreign" | "none" {
  if (text === undefined) return "none";
  const kind = /^# flint (install|disk) /m.exec(text)?.[1];
  return kind === "install" || kind === "disk" ? kind : "foreign";
}

/** The machine that a boot script is for, by its second line. */
export function bootScriptOwner(text: string | undefined): string | undefined {
  return text === undefined ? undefined : /^# flint (?:install|disk) (\S+)/m.exec(text)?.[1];
}
