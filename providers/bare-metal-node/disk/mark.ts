import { createHash } from "node:crypto";

/** What of a machine's disks cannot change under a running system: a system for another layout would not start from them. */
export interface Layout {
  firmware: "uefi" | "bios";
  mirror?: "mdraid" | "btrfs" | "zfs";
  data?: "plain" | "encrypted";
}

/** Names one installation of one machine, so that its disks can be told from any others: `flint-` and eight digits. */
export function installMark(cluster: string, node: string, generation: number, layout: Layout): string {
  const { firmware, mirror = "", data = "" } = layout;
  const words = [cluster, node, generation, firmware, mirror, data];
  return `flint-${createHash("sha256").update(JSON.stringify(words)).digest("hex").slice(0, 8)}`;
}

const LAYOUTS: Layout[] = (["uefi", "bios"] as const).flatMap((firmware) =>
  ([undefined, "mdraid", "btrfs", "zfs"] as const).flatMap((mirror) =>
    ([undefined, "plain", "encrypted"] as const).map((data) => ({ firmware, mirror, data })),
  ),
);
/** Of machines that were installed very often, the disk's mark is one of the last generations. */
const REMEMBERED = 50;

/** The marks that the machine's earlier generations can have left, whatever their layout. */
export function earlierMarks(cluster: string, node: string, generation: number): Set<string> {
  const count = Math.min(generation - 1, REMEMBERED);
  const generations = Array.from({ length: count }, (_, i) => generation - 1 - i);
  return new Set(generations.flatMap((each) => LAYOUTS.map((layout) => installMark(cluster, node, each, layout))));
}
