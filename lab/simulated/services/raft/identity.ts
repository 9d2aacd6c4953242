/** Services with a raft group. */
export type RaftService = "chainfire" | "flaredb";

/** A member that the cluster began with, as others reach it. */
export interface Peer {
  id: string;
  raftAddr: string;
  apiUrl?: string | undefined;
}

/** Who a raft service is, and whom it knows from its configuration. */
export interface RaftIdentity {
  cluster: string;
  service: RaftService;
  /** The node's name. */
  id: string;
  raftAddr: string;
  apiPort: number;
  bootstrap: boolean;
  initial: readonly Peer[];
}

/** A member's API as users reach it: as declared, or by the pattern of those that are declared, else by address. */
export function urlByName(self: RaftIdentity, id: string, raftAddr: string): string {
  const declared = self.initial.find((peer) => peer.id === id)?.apiUrl;
  if (declared !== undefined) return declared;
  for (const peer of self.initial) {
    const prefix = `https://${peer.id}.`;
    if (peer.apiUrl?.startsWith(prefix)) return `https://${id}.${peer.apiUrl.slice(prefix.length)}`;
  }
  return urlByAddress(self, raftAddr);
}

/** A member's API on the cluster network. */
export function urlByAddress(self: RaftIdentity, raftAddr: string): string {
  return `https://${raftAddr.replace(/:\d+$/, "")}:${self.apiPort}`;
}
