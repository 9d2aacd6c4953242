import { readFile } from "node:fs/promises";
import path from "node:path";
import { z } from "zod";
import { FlintError } from "../../foundation/errors.js";
import type { BuiltImage, SystemSource } from "./driver.js";
import { type BuildOptions, buildAttributes, evaluationError } from "./flake.js";

const part = z.object({
  file: z.string().regex(/^[A-Za-z0-9._-]+$/),
  size: z.number().int().positive(),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
});
const manifestSchema = z.object({
  version: z.literal(1),
  arch: z.enum(["x86_64", "aarch64"]),
  kernel: part,
  initrd: part,
  cmdline: z.string(),
});

/**
 * Builds `packages.<arch>-linux.netboot-<profile>` and reads its manifest.json.
 * @throws FlintError `NIX_ATTRIBUTE_MISSING`, `NIX_BUILD`, `IMAGE_MANIFEST`.
 */
export async function buildImage(
  source: SystemSource,
  profile: string,
  options: BuildOptions,
  arch: "x86_64" | "aarch64" = "x86_64",
): Promise<BuiltImage> {
  const { paths, log } = await buildAttributes(source, [`packages.${arch}-linux.netboot-${profile}`], options);
  const [built] = paths;
  if (built === undefined) throw evaluationError(source, log);
  const file = path.join(built, "manifest.json");
  const text = await readFile(file, "utf8").catch(() => "");
  const parsed = manifestSchema.safeParse(jsonOrUndefined(text));
  if (!parsed.success) {
    throw new FlintError("IMAGE_MANIFEST", {
      subject: file,
      expected: "a manifest with version 1, arch, kernel, initrd and cmdline",
      found: text === "" ? "no such file" : z.prettifyError(parsed.error).replace(/\s*\n\s*/g, " "),
      remedy: `Let the flake's netboot-${profile} write manifest.json as described in docs/configuration.md.`,
    });
  }
  return { path: built, ...parsed.data };
}

function jsonOrUndefined(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
