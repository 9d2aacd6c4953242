import type * as pulumi from "@pulumi/pulumi";
import type { ResourceArgs } from "../deep-input.js";
import type { SharedInputs } from "../shared-inputs.js";
import { FlintResource } from "../shell.js";
import type { MemberInputs } from "./schema.js";

export type ChainfireMemberArgs = Omit<ResourceArgs<MemberInputs>, keyof SharedInputs>;

/** One voter of Chainfire or FlareDB: joined, caught up, serving; on delete it leaves without losing the quorum. */
export class ChainfireMember extends FlintResource {
  declare readonly voter: pulumi.Output<boolean>;
  /** Seconds until the member voted. */
  declare readonly joinSeconds: pulumi.Output<number>;

  constructor(name: string, args: ChainfireMemberArgs, options?: pulumi.CustomResourceOptions) {
    super(
      {
        type: "ChainfireMember",
        folder: "chainfire-member",
        many: true,
        outputs: ["voter", "joinSeconds"],
      },
      name,
      args,
      options,
    );
  }
}
