import assert from "node:assert/strict";
import type { ContainerCluster, RaftService } from "./container-cluster.js";
import type { Operation, Outcome } from "./operation.js";

export const SERVICES: RaftService[] = ["chainfire", "flaredb"];

/** Flint at the operator's place: operates the resources of nodes of a cluster, all of one call in one process. */
export class Flint {
  constructor(private readonly cluster: ContainerCluster) {}

  /** ChainfireMember of both services, of each node. @param deadline Seconds. */
  members(names: readonly string[], operation: Operation["operation"], deadline = 200): Promise<Outcome[]> {
    return this.cluster.operate(
      names.flatMap((name) => SERVICES.map((service) => this.member(name, service, operation, deadline))),
    );
  }

  /** ClusterHealth of a cluster of which just these nodes are declared. @param deadline Seconds. */
  health(names: readonly string[], deadline = 120): Promise<Outcome[]> {
    return this.cluster.operate([
      {
        resource: "ClusterHealth",
        operation: "create",
        inputs: {
          cluster: "dev",
          domain: "dev.example.com",
          nodes: Object.fromEntries(names.map((name) => [name, this.cluster.plan.health[name]])),
          ...this.cluster.credentials(),
          deadlines: { health: deadline },
        },
      },
    ]);
  }

  private member(name: string, service: RaftService, operation: Operation["operation"], deadline: number): Operation {
    const { bootstrap, endpoints, dependents, raftAddress } = this.cluster.node(name).plan;
    return {
      resource: "ChainfireMember",
      operation,
      inputs: {
        cluster: "dev",
        service,
        node: name,
        raftAddr: raftAddress[service],
        bootstrap,
        endpoints: endpoints[service],
        dependents: service === "flaredb" ? dependents : {},
        ...this.cluster.credentials(),
        deadlines: { join: deadline },
        ...(operation === "delete" ? { voter: true, joinSeconds: 1 } : {}),
      },
    };
  }
}

export function votersAre(cluster: ContainerCluster, names: readonly string[]): void {
  for (const service of SERVICES)
    assert.deepEqual(
      cluster.roles(service),
      names.map((name) => `${name}: voter`),
      service,
    );
}

export function errorsOf(outcomes: readonly Outcome[]): string[] {
  return outcomes.flatMap((each) => ("error" in each ? [each.error] : []));
}

/** What ClusterHealth found, or the whole outcome where it found nothing. */
export function summaryOf([outcome]: readonly Outcome[]): unknown {
  return outcome !== undefined && "outs" in outcome ? outcome.outs.summary : outcome;
}
