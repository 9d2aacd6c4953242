import type * as pulumi from "@pulumi/pulumi";
import type { z } from "zod";
import type { ResourceArgs } from "../deep-input.js";
import { FlintResource } from "../shell.js";
import type { inputsSchema, PxeOutputs } from "./schema.js";

/** What a provisioning host shall serve; fields with a default may be left out. */
export type PxeServerArgs = ResourceArgs<z.input<typeof inputsSchema>>;

/** DHCP, TFTP and HTTP for network boot on one provisioning host. */
export class PxeServer extends FlintResource {
  /** What iPXE loads first. */
  declare readonly bootUrl: pulumi.Output<PxeOutputs["bootUrl"]>;
  /** Version of dnsmasq on the host. */
  declare readonly dnsmasq: pulumi.Output<string>;
  /** Version of nginx on the host. */
  declare readonly nginx: pulumi.Output<string>;
  /** What differed from the declaration when it was last looked at. */
  declare readonly drift: pulumi.Output<string[]>;

  /** Machines that asked to boot and that nobody declared, as `up` or `refresh` saw them last; a preview looks by itself. */
  declare readonly candidates: pulumi.Output<PxeOutputs["candidates"]>;

  constructor(name: string, args: PxeServerArgs, options?: pulumi.CustomResourceOptions) {
    const outputs = ["bootUrl", "dnsmasq", "nginx", "drift", "candidates"];
    super({ type: "PxeServer", folder: "pxe-server", secrets: ["host"], outputs }, name, args, options);
  }
}
