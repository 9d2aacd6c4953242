import { createHash, randomBytes } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { CHECKOUT } from "../../../lab/rack/layout.js";
import type { Order } from "./drive.js";

/** A file of an image: its place and its digest. */
interface File {
  path: string;
  sha256: string;
}

/** The lab's kernel and installer, as scripts/setup left them. */
function blob(name: string): File {
  const file = join(CHECKOUT, ".rack/debian/blobs.json");
  const blobs = z.record(z.string(), z.looseObject({ url: z.string(), sha256: z.string() }));
  const found = blobs.parse(JSON.parse(readFileSync(file, "utf8")))[name];
  if (found === undefined) throw new Error(`${file} has no ${name}`);
  return { path: new URL(found.url).pathname, sha256: found.sha256 };
}

/** A file of a few random bytes, for an image that cannot start. */
function broken(path: string): File {
  writeFileSync(path, randomBytes(100_000));
  return { path, sha256: createHash("sha256").update(readFileSync(path)).digest("hex") };
}

/** One image that starts, one whose kernel is none, one whose initrd is none. */
export function images(shared: Readonly<Record<string, unknown>>, dir: string): Order[] {
  const kernel = blob("kernel");
  const initrd = blob("installer");
  const image = (profile: string, own: Readonly<Record<string, File>>): Order => ({
    do: "create",
    resource: "image",
    properties: {
      ...shared,
      profile,
      source: { files: { kernel, initrd, cmdline: "console=ttyS0,115200", ...own } },
    },
  });
  return [
    image("control-plane", {}),
    image("worker", { kernel: broken(join(dir, "kernel")) }),
    image("all-in-one", { initrd: broken(join(dir, "initrd")) }),
  ];
}
