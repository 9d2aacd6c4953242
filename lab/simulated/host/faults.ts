import { z } from "zod";

/** Ways in which the provisioning host misbehaves. None is active by default. Times are simulated milliseconds. */
export const hostFaultsSchema = z.strictObject({
  /** It is gone: neither its sshd nor its servers answer. When this is taken back it starts: what is not enabled does not run. */
  gone: z.boolean().optional(),
  /** Its sshd ends all connections, and takes none for so long. */
  sshGone: z.number().positive().optional(),
  /** It restarts, and is back after so long: what is not enabled does not run. */
  restarts: z.number().positive().optional(),
  /** Its servers end, and nobody starts them. */
  serversEnd: z.boolean().optional(),
  /** Its disk is full: what writes a file fails. */
  diskFull: z.boolean().optional(),
  /** Its clock is wrong by so many seconds, from now on. */
  clockOff: z.number().optional(),
});
export type HostFaults = z.infer<typeof hostFaultsSchema>;
