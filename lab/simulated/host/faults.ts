import { z } from "zod";

/** Ways in which the provisioning host misbehaves. None is active by default. Times are simulated milliseconds. */
export const hostFaultsSchema = z.strictObject({
  /** Its sshd ends all connections, and takes none for so long. */
  sshGone: z.number().positive().optional(),
  /** It restarts, and is back after so long: what is not enabled does not run. */
  restarts: z.number().positive().optional(),
  /** Its servers end, and nobody starts them. */
  serversEnd: z.boolean().optional(),
  /** Its disk is full: what writes a file fails. */
  diskFull: z.boolean().optional(),
});
export type HostFaults = z.infer<typeof hostFaultsSchema>;
