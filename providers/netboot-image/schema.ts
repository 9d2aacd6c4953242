import { z } from "zod";
import { hostTargetSchema } from "../ssh-target-schema.js";

const sha256 = z.string().regex(/^[0-9a-f]{64}$/, "a SHA-256 in lower-case hex");

/** A file that exists already. */
const file = z
  .object({
    /** `https://` or `http://`; loaded by the machine that runs Pulumi. */
    url: z.url({ protocol: /^https?$/ }).optional(),
    /** Absolute path on the machine that runs Pulumi. */
    path: z.string().startsWith("/").optional(),
    sha256,
  })
  .refine(({ url, path }) => (url === undefined) !== (path === undefined), "name either url or path");

/** Where an image comes from. */
export const sourceSchema = z.union([
  z.object({
    /** `packages.<arch>-linux.netboot-<profile>` of a flake. `digest` names the flake's content: a change builds again. */
    build: z.object({ flake: z.string(), inputs: z.record(z.string(), z.string()), digest: z.string() }),
  }),
  z.object({
    /** Prebuilt files, and the kernel command line without the part that differs by machine. */
    files: z.object({
      kernel: file,
      initrd: file,
      cmdline: z.string().regex(/^[^\r\n]*$/),
      arch: z.enum(["x86_64", "aarch64"]).default("x86_64"),
    }),
  }),
]);

export const inputsSchema = z.object({
  self: z.string().optional(),
  cluster: z.string().regex(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/),
  /** `control-plane`, `worker` or `all-in-one`. A change replaces the image. */
  profile: z.enum(["control-plane", "worker", "all-in-one"]),
  /** The provisioning host. */
  host: hostTargetSchema,
  source: sourceSchema,
  /** Where machines fetch files, without a slash at the end. */
  httpUrl: z.string().regex(/^http:\/\/[0-9.]+(:[0-9]{1,5})?$/),
  /** Seconds for one build. Absent in states of older releases: an hour. */
  deadlines: z.object({ build: z.number().positive() }).optional(),
});

export type ImageInputs = z.infer<typeof inputsSchema>;

/** One published file. */
export const publishedSchema = z.object({
  /** Below the web root: `/images/0123456789abcdef/bzImage`. */
  path: z.string().regex(/^\/images\/[0-9a-f]{16}\/(bzImage|initrd)$/),
  /** Bytes. */
  size: z.number().int().positive(),
  sha256,
});
export type Published = z.infer<typeof publishedSchema>;

/** `images/<profile>.json` on the host: the image that machines of this profile boot now. */
export const pointerSchema = z.object({
  profile: z.string(),
  arch: z.enum(["x86_64", "aarch64"]),
  kernel: publishedSchema,
  initrd: publishedSchema,
  cmdline: z.string(),
});
export type Pointer = z.infer<typeof pointerSchema>;

export interface ImageOutputs extends Omit<Pointer, "profile"> {
  /** What was missing or damaged on the host when it was last looked at; empty when all is there. */
  damage: string[];
}
