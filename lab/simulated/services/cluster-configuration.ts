import { z } from "zod";
import type { Peer, RaftIdentity, RaftService } from "./raft/identity.js";

const nodeName = z.string().regex(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/);
const hostPort = z.string().refine((text) => isHostPort(text), "is not host:port");

/** cluster-config.json, as far as the services read it. */
const clusterConfiguration = z.object({
  cluster: z.string().default(""),
  node_id: nodeName,
  bootstrap: z.boolean().default(false),
  leader_url: z.string().optional(),
  raft_addr: hostPort.optional(),
  flaredb: z.object({ leader_url: z.string().optional(), raft_addr: hostPort.optional() }).default({}),
  initial_members: z
    .array(
      z.object({
        id: nodeName,
        raft_addr: hostPort,
        api_url: z.string().optional(),
        flaredb_raft_addr: hostPort.optional(),
        flaredb_api_url: z.string().optional(),
      }),
    )
    .default([]),
});

export type ClusterConfiguration = z.infer<typeof clusterConfiguration>;

/** @throws when it is not what a service can start with. */
export function readClusterConfiguration(text: string): ClusterConfiguration {
  return clusterConfiguration.parse(JSON.parse(text));
}

/** What one raft service needs of it. @throws when that is missing. */
export function raftIdentity(configuration: ClusterConfiguration, service: RaftService, apiPort: number): RaftIdentity {
  const { cluster, node_id: id, bootstrap, initial_members } = configuration;
  const raftAddr = service === "chainfire" ? configuration.raft_addr : configuration.flaredb.raft_addr;
  if (raftAddr === undefined) throw new Error(`${service}: there is no raft_addr of ${id}`);
  const initial = initial_members.flatMap((each): Peer[] => {
    if (service === "chainfire") return [{ id: each.id, raftAddr: each.raft_addr, apiUrl: each.api_url }];
    if (each.flaredb_raft_addr === undefined) return [];
    return [{ id: each.id, raftAddr: each.flaredb_raft_addr, apiUrl: each.flaredb_api_url }];
  });
  if (initial.length === 0) throw new Error(`${service}: initial_members is empty`);
  if (bootstrap && !initial.some((peer) => peer.id === id && peer.raftAddr === raftAddr))
    throw new Error(`${service}: bootstrap is true, but initial_members has no ${id} at ${raftAddr}`);
  return { cluster, service, id, raftAddr, apiPort, bootstrap, initial };
}

export function isNodeName(text: string): boolean {
  return nodeName.safeParse(text).success;
}

export function isHostPort(text: string): boolean {
  return /^[^/, ="':]+:\d+$/.test(text) || /^\[[0-9a-f:]+\]:\d+$/i.test(text);
}
