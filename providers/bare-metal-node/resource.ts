import type * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import type { ResourceArgs } from "../deep-input.js";
import { FOUND } from "../runtime/spec-text.js";
import type { SharedInputs } from "../shared-inputs.js";
import { FlintResource } from "../shell.js";
import { type NodePhase, PHASES } from "./outputs.js";
import type { NodeInputs } from "./schema.js";

const text = z.string().optional();
const foundSchema = z.object({
  phase: z.enum(PHASES).optional(),
  ...{ toplevel: text, bootId: text, machineSerial: text, installedDisk: text, timeline: text },
});
type Found = z.infer<typeof foundSchema>;

/** Each top-level input of a BareMetalNode; those that come from certificates and keys may be outputs. */
export type BareMetalNodeArgs = Omit<ResourceArgs<NodeInputs>, "data" | "config" | keyof SharedInputs> & {
  data: pulumi.Input<object>;
  config: pulumi.Input<object>;
};

/** One machine, from bare metal to its declared system: registered, booted, installed, verified, kept up to date. */
export class BareMetalNode extends FlintResource {
  /**
   * All that was found out of the machine, as one JSON text (docs/decisions/0017-inputs-as-one-text.md). What is read from it is
   * undefined where it is not known yet: of a machine that could not be finished, or in the state of an older release until the
   * machine's next update.
   */
  declare readonly found: pulumi.Output<string>;

  constructor(name: string, args: BareMetalNodeArgs, options?: pulumi.CustomResourceOptions) {
    super(
      {
        type: "BareMetalNode",
        folder: "bare-metal-node",
        many: true,
        secrets: ["bmcPassword", "material"],
        outputs: [FOUND],
      },
      name,
      args,
      options,
    );
  }

  /** Last phase that was reached; "ready" when the declared system runs. */
  get phase(): pulumi.Output<NodePhase | undefined> {
    return this.read("phase");
  }
  /** Store path of the running system. */
  get toplevel(): pulumi.Output<string | undefined> {
    return this.read("toplevel");
  }
  /** Changes with each start of the machine. */
  get bootId(): pulumi.Output<string | undefined> {
    return this.read("bootId");
  }
  /** Serial of the machine as seen. */
  get machineSerial(): pulumi.Output<string | undefined> {
    return this.read("machineSerial");
  }
  /** The disk that carries the system. */
  get installedDisk(): pulumi.Output<string | undefined> {
    return this.read("installedDisk");
  }
  /** From the start of the last create or update until each phase was reached: "registered 0.3 s, powered-on 3.5 s, …". */
  get timeline(): pulumi.Output<string | undefined> {
    return this.read("timeline");
  }

  private read<K extends keyof Found>(key: K): pulumi.Output<Found[K]> {
    return this.found.apply((found: string | undefined) => foundSchema.parse(JSON.parse(found ?? "{}"))[key]);
  }
}
