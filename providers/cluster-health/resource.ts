import type * as pulumi from "@pulumi/pulumi";
import type { ResourceArgs } from "../deep-input.js";
import { FlintResource } from "../shell.js";
import type { HealthInputs, HealthReport } from "./schema.js";

export type ClusterHealthArgs = Omit<ResourceArgs<HealthInputs>, "clientCert" | "clientKey">;

/** Members, leaders, every health endpoint, and a value written and read back on each member: as declared, or an error. */
export class ClusterHealth extends FlintResource {
  declare readonly healthy: pulumi.Output<boolean>;
  /** Everything that was seen, for a monitor; its `state` is healthy, degraded (it works, with less than declared) or failed. */
  declare readonly report: pulumi.Output<HealthReport | undefined>;
  /** One line for people. */
  declare readonly summary: pulumi.Output<string>;
  /** Nodes that were checked. */
  declare readonly checked: pulumi.Output<string[]>;
  /** ISO 8601. */
  declare readonly checkedAt: pulumi.Output<string>;

  constructor(name: string, args: ClusterHealthArgs, options?: pulumi.CustomResourceOptions) {
    super(
      {
        type: "ClusterHealth",
        folder: "cluster-health",
        many: true,
        outputs: ["healthy", "report", "summary", "checked", "checkedAt"],
      },
      name,
      args,
      options,
    );
  }
}
