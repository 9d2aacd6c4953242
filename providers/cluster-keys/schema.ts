import { z } from "zod";
import { hostTargetSchema } from "../ssh-target-schema.js";

const loginSchema = z.object({ privateKey: z.string(), publicKey: z.string() });
/** What a cluster is recognised by, and what lets Flint in. */
const keys = {
  loginKey: loginSchema,
  ca: z.string(),
  caKey: z.string(),
  clientCert: z.string(),
  clientKey: z.string(),
};
export const keysSchema = z.object(keys);
export type Keys = z.infer<typeof keysSchema>;

/** Keys that only change together: a certificate goes with who signed it. */
export const GROUPS = [["loginKey"], ["ca", "caKey", "clientCert", "clientKey"]] as const satisfies (keyof Keys)[][];

export const inputsSchema = z.object({
  self: z.string().optional(),
  cluster: z.string(),
  host: hostTargetSchema,
  /** Names the key that seals: that with which Flint logs in to the provisioning host. */
  sealedBy: z.string(),
  ...keys,
  /** Stands for the output in a preview, where there are no others than the inputs. */
  restored: z.looseObject({}).default({}),
});
/** The keys that this stack has made. */
export type KeysInputs = z.infer<typeof inputsSchema>;

export const storedSchema = inputsSchema.pick({ self: true, cluster: true, host: true, sealedBy: true });
export type StoredKeys = z.infer<typeof storedSchema>;

export interface KeysOutputs {
  /** Keys that are used instead of the stack's own: they were there before this stack. Secret. Empty in most stacks. */
  restored: Partial<Keys>;
  /** Whether they were seen on the provisioning host. */
  kept: boolean;
}
