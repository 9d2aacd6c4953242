import { existsSync } from "node:fs";
import { resolve } from "node:path";
import type { Cluster, Image } from "./schema.js";
import type { SourceReader } from "./source-reader.js";

/** Images that are given instead of built, with absolute paths. */
export function readImages(reader: SourceReader, declared: Cluster["images"]): Partial<Record<string, Image>> {
  return Object.fromEntries(
    Object.entries(declared).flatMap(([profile, image]) =>
      image === undefined
        ? []
        : [
            [
              profile,
              {
                ...image,
                kernel: imageFile(reader, image.kernel, `images.${profile}.kernel`),
                initrd: imageFile(reader, image.initrd, `images.${profile}.initrd`),
              },
            ],
          ],
    ),
  );
}

function imageFile(reader: SourceReader, declared: Image["kernel"], path: string): Image["kernel"] {
  if ((declared.url === undefined) === (declared.path === undefined)) {
    const found = declared.url === undefined ? "neither url nor path" : "both url and path";
    reader.report({ path, found, allowed: "url or path, with sha256", remedy: "Name one place." });
  }
  if (declared.path === undefined) return declared;
  const absolute = resolve(reader.directory, declared.path);
  if (!existsSync(absolute)) {
    const allowed = `a file; relative paths start at ${reader.directory}`;
    reader.report({
      path: `${path}.path`,
      found: `the file ${declared.path} does not exist`,
      allowed,
      remedy: "Create it, or name another.",
    });
  }
  return { ...declared, path: absolute };
}
