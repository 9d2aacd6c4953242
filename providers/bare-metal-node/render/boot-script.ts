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

/** Boot script of a finished node: back to the firmware, which goes on with the disk. */
export function renderDiskScript(node: string, firmware: "uefi" | "bios"): string {
  const way = firmware === "bios" ? "sanboot --no-describe --drive 0x80 || exit 1" : "exit 1";
  return ["#!ipxe", `# flint disk ${node}`, `echo Flint: ${node} boots from its disk`, way, ""].join("\n");
}

/** What kind of boot script a file holds, by its second line. */
export function bootScriptKind(text: string | undefined): "install" | "disk" | "foreign" | "none" {
  if (text === undefined) return "none";
  const kind = /^# flint (install|disk) /m.exec(text)?.[1];
  return kind === "install" || kind === "disk" ? kind : "foreign";
}
