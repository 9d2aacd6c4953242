import { z } from "zod";
import type { SshTarget } from "../drivers/ssh/target.js";

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

/** The secrets of a target and of the hosts on the way to it. */
export function targetSecrets(target: SshTarget): string[] {
  return [target.privateKey, ...(target.jump === undefined ? [] : targetSecrets(target.jump))];
}
