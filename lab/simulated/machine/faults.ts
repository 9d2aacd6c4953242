import { z } from "zod";
import type { ServiceFaults } from "../services/node-services.js";
import { SERVICES } from "../services/ports.js";

/** Ways in which a machine itself misbehaves, by name. None is active by default. Those of its BMC are in lab/redfish. */
export const machineFaultsSchema = z.strictObject({
  /** Everything takes so many times as long. */
  slow: z.number().positive().optional(),
  /** The next n DHCP requests are lost on the way; the firmware asks four times. */
  dhcpLost: z.int().min(0).optional(),
  /** The provisioning card gets no link: the firmware goes on with the disk. */
  noLink: z.boolean().optional(),
  /** Another DHCP server is faster: the machine takes an address and a boot file that are not Flint's. */
  otherAddress: z.boolean().optional(),
  /** Kernel and initrd take so many times as long on their way. */
  slowTransfer: z.number().positive().optional(),
  /** The initrd's transfer stops in the middle, n times; the firmware then goes on with the disk. */
  transferBreaks: z.int().min(0).optional(),
  /** Switched on, it does nothing: no self-test, no request, nothing on its console. */
  noPost: z.boolean().optional(),
  /** Its power supply gives none: it goes off at once, and stays off. Its BMC lives. */
  powerFails: z.boolean().optional(),
  /** It restarts by itself, n times: at once where it is on, else as soon as it is. */
  restarts: z.int().min(0).optional(),
  /**
   * For want of memory no kernel starts, and what runs is killed: in an installer copying the system, in a system copying another
   * one, activating it, and its services, again and again.
   */
  outOfMemory: z.boolean().optional(),
  /** Its own firmware tells this serial number: another machine is in its place. */
  otherSerial: z.string().optional(),
  /**
   * Another disk is in the place of its own: with this serial number, or with this file system of somebody else (`uuid` tells it
   * from another of the same kind).
   */
  otherDisk: z
    .strictObject({ serial: z.string().optional(), foreign: z.string().optional(), uuid: z.string().optional() })
    .optional(),
  /** Its disk and that machine's have been swapped; `next`: the one's after it. */
  diskSwappedWith: z.string().optional(),
  /** There is one more disk, a blank one, and the kernel names it before its own. */
  disksReordered: z.boolean().optional(),
  /** There is one more disk, with another operating system, and the firmware starts that one. */
  otherSystem: z.boolean().optional(),
  /** The machine restarts by itself while it is formatted or written, n times. */
  restartsInstalling: z.int().min(0).optional(),
  /** Whatever writes much to its disk (formatting, copying, wiping) ends with an input/output error. */
  diskErrors: z.boolean().optional(),
  /** Its disk is full: a system does not fit on it. */
  diskFull: z.boolean().optional(),
  /** The installed system does not start: the machine stays on and silent. */
  systemHangs: z.boolean().optional(),
  /** Its sshd ends all connections, and takes none for so many simulated milliseconds. */
  sshRefused: z.number().min(0).optional(),
  /** The next n connections to sshd end before the login. */
  sshResets: z.int().min(0).optional(),
  /** The next n connections take commands and never answer them. */
  sshHangs: z.int().min(0).optional(),
  /** On the next n connections the first command is done, and the connection ends before its answer. */
  sshHalves: z.int().min(0).optional(),
  /**
   * Of its services: each start and each answer takes so many simulated milliseconds more; these end again and again, at once
   * where they run.
   */
  services: z
    .strictObject({
      late: z.number().min(0).optional(),
      slowAnswers: z.number().min(0).optional(),
      crashLoop: z.array(z.enum(SERVICES)).optional(),
    })
    .optional(),
  /** Copying a system to it breaks off, n times. */
  copyBreaks: z.int().min(0).optional(),
  /** Copying a system to it stands still, n times. */
  copyHangs: z.int().min(0).optional(),
});
export type MachineFaults = z.infer<typeof machineFaultsSchema>;

/** What is wrong with the services of a machine: for want of memory all of them are killed. */
export function serviceFaultsOf({ services = {}, outOfMemory }: MachineFaults): ServiceFaults {
  return outOfMemory ? { ...services, crashLoop: SERVICES } : services;
}

/** True, and one less from now on, as long as there is one left of a fault that is counted. */
export function spend(
  faults: MachineFaults,
  name: {
    [Name in keyof MachineFaults]-?: Exclude<MachineFaults[Name], undefined> extends number ? Name : never;
  }[keyof MachineFaults],
): boolean {
  const left = faults[name] ?? 0;
  if (left <= 0) return false;
  faults[name] = left - 1;
  return true;
}
