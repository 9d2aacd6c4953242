import type { Pointer, Published } from "./schema.js";

/** What the host holds. */
export interface Holdings {
  /** Text of `images/<profile>.json`. */
  pointer: string | undefined;
  /** Path below the web root → size and digest, of the files that were asked for. */
  files: Map<string, { size: number; sha256: string }>;
  /** Directories below `/images`, by name. */
  directories: string[];
  /** Directories that a boot script or an image pointer names. The pointer of this image is not counted. */
  used: Set<string>;
}

/** Files are published under their own digest: what has the same content is there once, and never changes in place. */
export function publishedPath(file: "bzImage" | "initrd", sha256: string): string {
  return `/images/${sha256.slice(0, 16)}/${file}`;
}

export function pointerText(pointer: Pointer): string {
  return `${JSON.stringify(pointer, undefined, 2)}\n`;
}

/** Files that must be uploaded, because they are missing or have another content. */
export function missing(pointer: Pointer, held: Holdings): Published[] {
  return [pointer.kernel, pointer.initrd].filter(({ path, size, sha256 }) => {
    const found = held.files.get(path);
    return found === undefined || found.size !== size || found.sha256 !== sha256;
  });
}

/** What is not as it was published, one line each. */
export function damage(pointer: Pointer, held: Holdings): string[] {
  const files = missing(pointer, held).map(({ path }) =>
    held.files.has(path) ? `${path} changed` : `${path} missing`,
  );
  if (held.pointer === undefined) return [...files, `pointer of ${pointer.profile} missing`];
  return held.pointer === pointerText(pointer) ? files : [...files, `pointer of ${pointer.profile} changed`];
}

/** Directories that nothing needs: no boot script, no other image, and not the one published now. */
export function leftovers(now: Pointer | undefined, held: Holdings): string[] {
  const own = now === undefined ? [] : [now.kernel.path, now.initrd.path].map(directoryOf);
  return held.directories.filter((name) => !held.used.has(name) && !own.includes(name));
}

/** `/images/0123456789abcdef/bzImage` → `0123456789abcdef` */
export function directoryOf(path: string): string {
  return path.split("/")[2] ?? "";
}
