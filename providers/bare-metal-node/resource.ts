import type * as pulumi from "@pulumi/pulumi";
import type { ResourceArgs } from "../deep-input.js";
import type { SharedInputs } from "../shared-inputs.js";
import { FlintResource } from "../shell.js";
import type { NodeInputs, NodeOutputs } from "./schema.js";

/** Each top-level input of a BareMetalNode; those that come from certificates and keys may be outputs. */
export type BareMetalNodeArgs = Omit<ResourceArgs<NodeInputs>, "data" | "config" | keyof SharedInputs> & {
  data: pulumi.Input<object>;
  config: pulumi.Input<object>;
};

/** One machine, from bare metal to its declared system: registered, booted, installed, verified, kept up to date. */
export class BareMetalNode extends FlintResource {
  /** Last phase that was reached; "ready" when the declared system runs. */
  declare readonly phase: pulumi.Output<NodeOutputs["phase"]>;
  /** Store path of the running system. */
  declare readonly toplevel: pulumi.Output<string>;
  /** Changes with each start of the machine. */
  declare readonly bootId: pulumi.Output<string>;
  /** Serial of the machine as seen. */
  declare readonly machineSerial: pulumi.Output<string>;
  /** The disk that carries the system. */
  declare readonly installedDisk: pulumi.Output<string>;
  /** From the start of the last create or update until each phase was reached: "registered 0.3 s, powered-on 3.5 s, …". */
  declare readonly timeline: pulumi.Output<string>;

  constructor(name: string, args: BareMetalNodeArgs, options?: pulumi.CustomResourceOptions) {
    super(
      {
        type: "BareMetalNode",
        folder: "bare-metal-node",
        many: true,
        secrets: ["bmcPassword", "material"],
        outputs: ["phase", "toplevel", "bootId", "machineSerial", "installedDisk", "timeline"],
      },
      name,
      args,
      options,
    );
  }
}
