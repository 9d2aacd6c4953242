import { z } from "zod";

const endpoint = {
  host: z.string(),
  port: z.number().int().default(22),
  user: z.string().default("root"),
  password: z.string().optional(),
  privateKey: z.string().optional(),
  privateKeyPassword: z.string().optional(),
  /** A public key as in authorized_keys or known_hosts without the name. */
  hostKey: z.string().optional(),
  agentSocketPath: z.string().optional(),
  /** Failed dials until giving up; -1 never. */
  dialErrorLimit: z.number().int().default(10),
  /** Seconds for one dial; 0 without limit. */
  perDialTimeout: z.number().int().default(15),
};

/** How to reach a machine, with the vendor's defaults. */
export const connection = z.object({ ...endpoint, proxy: z.object(endpoint).optional() });
export type Endpoint = z.infer<z.ZodObject<typeof endpoint>>;
export type Connection = z.infer<typeof connection>;
