import { z } from "zod";

/** Which streams are shown while a command runs. */
const logging = z.enum(["stdout", "stderr", "stdoutAndStderr", "none"]).optional();

/** What local and remote commands share. */
const command = {
  create: z.string().optional(),
  update: z.string().optional(),
  delete: z.string().optional(),
  stdin: z.string().optional(),
  environment: z.record(z.string(), z.string()).optional(),
  addPreviousOutputInEnv: z.boolean().optional(),
  triggers: z.array(z.unknown()).optional(),
  logging,
};

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
const connection = z.object({ ...endpoint, proxy: z.object(endpoint).optional() });

/** The inputs of each resource: imported when there is something to parse. */
export const inputs = {
  local: z.object({ ...command, dir: z.string().optional(), interpreter: z.array(z.string()).optional() }),
  remote: z.object({ ...command, connection }),
};

export type LocalInputs = z.infer<typeof inputs.local>;
export type RemoteInputs = z.infer<typeof inputs.remote>;
export type Logging = z.infer<typeof logging>;
export type Endpoint = z.infer<z.ZodObject<typeof endpoint>>;
export type Connection = z.infer<typeof connection>;
