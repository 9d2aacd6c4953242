import { z } from "zod";
import type { Disk } from "../inventory/parse-inventory.js";
import type { DiskIdentity, DiskWish } from "../schema.js";
import { contentFingerprint, type DiskKey, isFree, matches } from "./guard.js";

/** A declared disk that holds what is not this installation's, as the state keeps it for the next preview. */
export const foreignDiskSchema = z.object({
  /** Where it is declared, below the node. */
  key: z.enum(["disk", "disk.mirror", "disk.data"]),
  /** Names what it held, for `release`. */
  fingerprint: z.string(),
  path: z.string(),
  serial: z.string().optional(),
  wwn: z.string().optional(),
  /** Bytes. */
  size: z.number(),
  content: z.object({ summary: z.string() }),
});
export type ForeignDisk = z.infer<typeof foreignDiskSchema>;

/** Each declared disk, by where it is declared. */
export function declaredDisks(wish: DiskWish): [DiskKey, DiskIdentity][] {
  const { mirror, data } = wish;
  return [
    ["disk", wish],
    ...(mirror === undefined ? [] : [["disk.mirror", mirror] satisfies [DiskKey, DiskIdentity]]),
    ...(data === undefined ? [] : [["disk.data", data] satisfies [DiskKey, DiskIdentity]]),
  ];
}

/**
 * All declared disks that may be written with consent only, whether it was given or not; undefined when there is none. A
 * refusal names the first of them, the preview all. Pure.
 */
export function foreignDisks(
  wish: DiskWish,
  disks: readonly Disk[],
  earlier: ReadonlySet<string>,
): ForeignDisk[] | undefined {
  const found = declaredDisks(wish).flatMap(([key, identity]) => {
    const [disk, second] = disks.filter((each) => matches(identity, each));
    if (disk === undefined || second !== undefined || isFree(disk, wish.mark, earlier)) return [];
    const { path, serial, wwn, size, content } = disk;
    const { summary } = content;
    return [{ key, fingerprint: contentFingerprint(disk), path, serial, wwn, size, content: { summary } }];
  });
  return found.length === 0 ? undefined : found;
}
