import { z } from "zod";
import { placeOf } from "../../drivers/ssh/place.js";
import type { SshSession } from "../../drivers/ssh/target.js";
import { FlintError } from "../../foundation/errors.js";
import { gather } from "../runtime/fleet.js";
import type { NodeContext } from "./context.js";
import type { StoredNode } from "./schema.js";

const pointerSchema = z.object({
  kernel: z.object({ path: z.string(), size: z.number() }),
  initrd: z.object({ path: z.string(), size: z.number() }),
  // It becomes part of a line of an iPXE script.
  cmdline: z.string().regex(/^[^\r\n]*$/),
  arch: z.enum(["x86_64", "aarch64"]).default("x86_64"),
});

interface Reading {
  host: SshSession;
  file: string;
}

/** Machines that begin together need the same image: what says where it is, is read once for all of them. */
const readTogether = gather(
  async ([first]: Reading[]): Promise<Buffer | undefined> => first?.host.readFile(first.file),
  { windowMs: 50, keyOf: ({ host, file }) => `${placeOf(host.target)} ${file}` },
);

/** The image that NetbootImage published for the node's profile. @throws FlintError `IMAGE_MISSING`. */
export async function readImage(node: NodeContext<StoredNode>): Promise<z.infer<typeof pointerSchema>> {
  const { want } = node;
  const file = `${want.pxe.root}/images/${want.image}.json`;
  const content = await readTogether({ host: await node.host(), file });
  const parsed = pointerSchema.safeParse(jsonOrUndefined(content?.toString("utf8") ?? ""));
  if (parsed.success) return parsed.data;
  throw new FlintError("IMAGE_MISSING", {
    subject: `${want.name}, image ${want.image}`,
    expected: `an image published as ${file} on ${want.host.name}`,
    found: content === undefined ? "no such file" : "another content",
    remedy: "Run `pulumi refresh`, then `pulumi up`: it publishes the image again.",
  });
}

function jsonOrUndefined(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
