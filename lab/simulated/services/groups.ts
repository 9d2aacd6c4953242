import type { Clock } from "../clock.js";
import type { Random } from "../random.js";
import type { Iam } from "./iam.js";
import { RaftGroup, type RaftGroupOptions } from "./raft/group.js";

/** What the services of all machines of one cluster share. */
export interface ServiceGroups {
  chainfire: RaftGroup;
  flaredb: RaftGroup;
  /** Running IAMs by node. */
  iams: Map<string, Iam>;
}

export function newServiceGroups(
  options: { clock: Clock; random: Random } & Pick<RaftGroupOptions, "electionMs" | "onEvent">,
): ServiceGroups {
  const group = (service: "chainfire" | "flaredb") =>
    new RaftGroup({ ...options, service, random: options.random.fork(service) });
  return { chainfire: group("chainfire"), flaredb: group("flaredb"), iams: new Map() };
}
