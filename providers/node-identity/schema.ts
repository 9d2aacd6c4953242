import { z } from "zod";
import { hostTargetSchema } from "../ssh-target-schema.js";

export const inputsSchema = z.object({
  self: z.string().optional(),
  cluster: z.string(),
  /** The certificate's common name. */
  node: z.string(),
  /** Names and addresses that the certificate is valid for. */
  dnsNames: z.array(z.string()),
  ipAddresses: z.array(z.ipv4()),
  /** The cluster's CA: PEM of its certificate and of its private key. */
  ca: z.string(),
  caKey: z.string(),
  /** Where its keys are kept, for a stack that lost its state. Default: nowhere. */
  host: hostTargetSchema.optional(),
});

/** What one machine is called, and who vouches for it. */
export type IdentityInputs = z.infer<typeof inputsSchema>;

/** What it takes to let it go. */
export const storedSchema = inputsSchema.pick({ self: true, cluster: true, node: true, host: true });
export type StoredIdentity = z.infer<typeof storedSchema>;

export interface IdentityOutputs {
  /** PEM of the certificate; serves as the machine's server and client certificate. */
  cert: string;
  /** PEM (SEC 1) of its P-256 key. */
  key: string;
  /** Ed25519 ssh host key in OpenSSH's form. */
  hostKey: string;
  /** Its public line, without a comment. */
  hostKeyPublic: string;
  /** When the certificate ends, ISO 8601. */
  expires: string;
  /** False where a refresh did not find it on the provisioning host: the next update keeps it there again. Else absent. */
  kept?: false;
}
