import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { MemberInputs } from "../../../providers/chainfire-member/schema.js";

/** A node with a Chainfire, on addresses of this machine. */
export interface MemberNode {
  id: string;
  raftAddr: string;
  url(service: "chainfire"): string;
}

/**
 * A Chainfire member of a cluster of tests, as ChainfireMember is given it. @param cluster Where the operator's certificate is.
 * @param forming Nodes that form the cluster.
 */
export function memberInputs(
  cluster: { readonly operator: string },
  forming: readonly MemberNode[],
  node: MemberNode,
  deadlineSeconds = 60,
): MemberInputs {
  const read = (name: string) => readFileSync(join(cluster.operator, name), "utf8");
  return {
    cluster: "test",
    service: "chainfire",
    node: node.id,
    raftAddr: node.raftAddr,
    bootstrap: forming.includes(node),
    endpoints: Object.fromEntries([...forming, node].map((each) => [each.id, each.url("chainfire")])),
    dependents: {},
    ca: read("ca.crt"),
    clientCert: read("node.crt"),
    clientKey: read("node.key"),
    deadlines: { join: deadlineSeconds },
  };
}
