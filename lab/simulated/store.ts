import { z } from "zod";

const networkSchema = z.looseObject({ address: z.string() });

/** The part of a node's entry in cluster.json that a simulated system acts by. */
export const nodeDataSchema = z.looseObject({
  profile: z.string(),
  networks: z.looseObject({ provisioning: networkSchema, cluster: networkSchema }),
  disk: z.looseObject({
    mark: z.string(),
    serial: z.string().optional(),
    data: z.looseObject({ serial: z.string().optional(), encrypted: z.boolean() }).optional(),
  }),
  kernelParams: z.array(z.string()).default([]),
  sshAuthorizedKeys: z.array(z.string()).default([]),
});

/** What `cluster.json` says, as far as it matters here. */
export const clusterFileSchema = z.object({
  cluster: z.looseObject({ name: z.string() }),
  nodes: z.record(z.string(), nodeDataSchema),
});

/** A built system of one node. */
export interface SystemClosure {
  toplevel: string;
  cluster: string;
  node: string;
  data: z.infer<typeof nodeDataSchema>;
  bytes: number;
}

/** The nix store of the operator's machine: what was built for this rack. */
export class Store {
  /** By toplevel, and by disk script. */
  readonly systems = new Map<string, SystemClosure>();
  /** Store paths of the attributes that were built, by flake reference, inputs and attribute. */
  readonly built = new Map<string, string>();
}
