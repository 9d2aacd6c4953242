/** What each thing takes in a simulated rack, in simulated milliseconds; each time varies by a fifth in both directions. */
export const TIMES = {
  powerOn: 2_000,
  /** The firmware's self-test. */
  post: 15_000,
  dhcp: 2_000,
  tftp: 1_000,
  ipxe: 3_000,
  kernel: 2_000,
  initrd: 8_000,
  installerStart: 12_000,
  systemStart: 12_000,
  shutdown: 6_000,
  evaluation: 3_000,
  build: 4_000,
  format: 5_000,
  /** A fifth of a system on its way. */
  closurePart: 3_000,
  secrets: 500,
  bootloader: 4_000,
  copy: 5_000,
  activation: 3_000,
  /** Zeros over the start of each partition, and then over that of the disk and its end. */
  wipePartitions: 4_000,
  wipeTable: 2_000,
  hostCommand: 20,
  machineCommand: 50,
} as const;

export type Duration = keyof typeof TIMES;
