import { z } from "zod";
import { type HostTarget, isLocal, type SshTarget } from "../drivers/ssh/target.js";

/** A host that is reached by ssh, as a resource input: what `drivers/ssh` calls an SshTarget. Holds a secret. */
export const sshTargetSchema: z.ZodType<SshTarget> = z.lazy(() =>
  z.object({
    name: z.string(),
    host: z.string(),
    port: z.number().int().optional(),
    user: z.string().optional(),
    sudo: z.boolean().optional(),
    privateKey: z.string(),
    hostKeys: z.array(z.string()).min(1),
    jump: sshTargetSchema.optional(),
  }),
);

/** A provisioning host, as a resource input: this machine, or one that is reached by ssh. */
export const hostTargetSchema: z.ZodType<HostTarget> = z.union([
  z.object({ name: z.string(), local: z.literal(true) }),
  sshTargetSchema,
]);

/** The secrets of a target and of the hosts on the way to it. */
export function targetSecrets(target: HostTarget): string[] {
  if (isLocal(target)) return [];
  return [target.privateKey, ...(target.jump === undefined ? [] : targetSecrets(target.jump))];
}
