import * as pulumi from "@pulumi/pulumi";
import type { HostTarget } from "../../drivers/ssh/target.js";
import type { PxeServer } from "../../providers/pxe-server/resource.js";
import { isKnown } from "./known-output.js";
import type { Cluster } from "./schema.js";

/**
 * Offers in a preview the machines that asked to boot on the provisioning network and that nobody declared, if the server there
 * has been made: `up` and `refresh` look by themselves. Reads only. A host that does not answer soon says nothing here.
 */
export function offerUndeclared(server: PxeServer, host: pulumi.Output<HostTarget>, cluster: Cluster): void {
  if (!pulumi.runtime.isDryRun()) return;
  // As with first contact, the program would leave before the answer.
  const done = pulumi.runtime.rpcKeepAlive();
  void look(server, host, cluster)
    .catch(() => {}) // whoever needs the host is told what is wrong with it
    .finally(done);
}

async function look(server: PxeServer, host: pulumi.Output<HostTarget>, cluster: Cluster): Promise<void> {
  // One that is changed keeps its id, and loses its outputs until that is done.
  if (!(await isKnown(server.id)) || !(await isKnown(host))) return;
  const target = await new Promise<HostTarget>((resolve) => host.apply(resolve));
  const [{ lookForCandidates }, { tellCandidates }] = await Promise.all([
    import("../../providers/pxe-server/candidates.js"),
    import("../../providers/pxe-server/parse-candidates.js"),
  ]);
  const seen = await lookForCandidates(target, cluster.name);
  // Those that are declared now have no boot script yet.
  const declared = new Set(Object.values(cluster.nodes).map(({ mac }) => mac));
  const text = tellCandidates(
    cluster.networks.provisioning.cidr,
    seen.filter(({ mac }) => !declared.has(mac)),
  );
  if (text !== undefined) await pulumi.log.info(text, server);
}
