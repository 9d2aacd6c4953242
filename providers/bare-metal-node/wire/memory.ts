const MIB = 2 ** 20;
/** What a kernel and an installer that runs take besides: a NixOS installer is content with it. */
const RUNNING = 256;

/**
 * Memory that loading and unpacking an installer takes: iPXE holds kernel and initrd, the kernel unpacks the initrd
 * beside itself before it frees it (Linux init/initramfs.c), and then it has to run. An initrd that unpacks to more than
 * its own size, as one that is compressed well, needs more: this is the least.
 * @returns MiB.
 */
export function memoryNeeded(image: { kernel: { size: number }; initrd: { size: number } }): number {
  return 2 * inMiB(image.initrd.size) + inMiB(image.kernel.size) + RUNNING;
}

/** The arithmetic as a sentence's part: "it needs about 321 MiB: 26 for the initrd, …". */
export function memoryText(image: { kernel: { size: number }; initrd: { size: number } }): string {
  const { kernel, initrd } = image;
  return `it needs about ${memoryNeeded(image)} MiB: ${inMiB(initrd.size)} for the initrd, the same to unpack it, ${inMiB(kernel.size)} for the kernel, ${RUNNING} to run`;
}

function inMiB(bytes: number): number {
  return Math.ceil(bytes / MIB);
}
