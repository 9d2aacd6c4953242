import type * as pulumi from "@pulumi/pulumi";
import type { z } from "zod";
import type { ResourceArgs } from "../deep-input.js";
import { FlintResource } from "../shell.js";
import type { ImageOutputs, inputsSchema } from "./schema.js";

export type NetbootImageArgs = ResourceArgs<z.input<typeof inputsSchema>>;

/** Kernel and initrd that machines of one profile boot from the network. */
export class NetbootImage extends FlintResource {
  declare readonly arch: pulumi.Output<ImageOutputs["arch"]>;
  /** Path below the web root, size in bytes, and SHA-256. */
  declare readonly kernel: pulumi.Output<ImageOutputs["kernel"]>;
  declare readonly initrd: pulumi.Output<ImageOutputs["initrd"]>;
  /** Kernel command line without the part that differs by machine. */
  declare readonly cmdline: pulumi.Output<string>;
  /** What was missing or damaged on the host when it was last looked at. */
  declare readonly damage: pulumi.Output<string[]>;

  constructor(name: string, args: NetbootImageArgs, options?: pulumi.CustomResourceOptions) {
    const outputs = ["arch", "kernel", "initrd", "cmdline", "damage"];
    super({ type: "NetbootImage", folder: "netboot-image", secrets: ["host"], outputs }, name, args, options);
  }
}
