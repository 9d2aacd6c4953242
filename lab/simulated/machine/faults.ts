import { z } from "zod";

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
  /** The initrd's transfer stops in the middle, n times; the firmware then goes on with the disk. */
  transferBreaks: z.int().min(0).optional(),
  /** The kernel does not start, for want of memory. */
  outOfMemory: z.boolean().optional(),
  /** Its own firmware tells this serial number: another machine is in its place. */
  otherSerial: z.string().optional(),
  /** Another disk is in the place of its own: with this serial number, or with this file system of somebody else. */
  otherDisk: z.strictObject({ serial: z.string().optional(), foreign: z.string().optional() }).optional(),
  /** There is one more disk, with another operating system, and the firmware starts that one. */
  otherSystem: z.boolean().optional(),
  /** The machine restarts by itself while it is formatted or written, n times. */
  restartsInstalling: z.int().min(0).optional(),
  /** Formatting ends with an input/output error. */
  diskErrors: z.boolean().optional(),
  /** The installed system does not start: the machine stays on and silent. */
  systemHangs: z.boolean().optional(),
  /** The next n connections to sshd end before the login. */
  sshResets: z.int().min(0).optional(),
  /** The next n commands are taken and never answered. */
  sshHangs: z.int().min(0).optional(),
  /** The next n commands are done, and the connection ends before their answer. */
  sshHalves: z.int().min(0).optional(),
  /** Of its services, from the next start on: each starts so many simulated milliseconds later; these end again and again. */
  services: z
    .strictObject({ late: z.number().min(0).optional(), crashLoop: z.array(z.string()).optional() })
    .optional(),
  /** Copying a system to it breaks off, n times. */
  copyBreaks: z.int().min(0).optional(),
});
export type MachineFaults = z.infer<typeof machineFaultsSchema>;

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
