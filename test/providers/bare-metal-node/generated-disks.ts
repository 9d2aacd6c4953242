import fc from "fast-check";
import { lsblkDisk, lsblkPart } from "./inventory/samples.js";

/** What is really on a generated disk. */
export type Truth = "blank" | "ours" | "earlier" | "foreign";

/** A disk as lsblk, wipefs and the first MiB show it, and what it really is. */
export interface GeneratedDisk {
  truth: Truth;
  /** A word that a person must read when it is refused. */
  shows: string;
  device: ReturnType<typeof lsblkDisk>;
  signatures: string;
  head: string;
}

interface Content {
  truth: Truth;
  shows: string;
  device?: object;
  parts?: object[];
  signatures?: string[];
  head?: string;
}

/** Everything that people leave on a whole disk without a partition table: type as wipefs names it. */
export const MEMBERS = [
  "ext4",
  "xfs",
  "btrfs",
  "swap",
  "crypto_LUKS",
  "LVM2_member",
  "linux_raid_member",
  "zfs_member",
];
const FOREIGN_LABELS = ["", "data", "EFI system partition", "flint-99999999-root", "flint-", "primary"];

/** Contents of a disk. @param mark This installation's. @param earlier One of the same machine's lower generations. */
export function contents(mark: string, earlier: string): fc.Arbitrary<Content> {
  const type = fc.constantFrom(...MEMBERS);
  const gpt = ["gpt", "gpt", "PMBR"];
  const marked = (own: string, truth: Truth): fc.Arbitrary<Content> =>
    fc.constantFrom("ext4", "crypto_LUKS", "linux_raid_member", "zfs_member", null).map((fstype) => ({
      ...{ truth, shows: "gpt", device: { pttype: "gpt" }, signatures: gpt },
      parts: [
        { partlabel: `${own}-esp`, fstype: "vfat" },
        { partlabel: `${own}-root`, fstype },
      ],
    }));
  /** At least one partition that is not this installation's. */
  const mixed = fc
    .tuple(fc.array(fc.constantFrom(`${mark}-root`, ...FOREIGN_LABELS), { maxLength: 2 }), fc.nat(2), type)
    .chain(([others, at, fstype]) =>
      fc.constantFrom(...FOREIGN_LABELS).map((label): Content => {
        const labels = [...others.slice(0, at), label, ...others.slice(at)];
        const parts = labels.map((partlabel) => ({ partlabel: partlabel === "" ? null : partlabel, fstype }));
        return { truth: "foreign", shows: fstype, device: { pttype: "gpt" }, parts, signatures: gpt };
      }),
    );
  return fc.oneof(
    fc.constant<Content>({ truth: "blank", shows: "blank", head: "0" }),
    marked(mark, "ours"),
    marked(earlier, "earlier"),
    // Half of this installation, half of an earlier one: nobody's.
    fc.constant<Content>({
      ...{ truth: "foreign", shows: "gpt", device: { pttype: "gpt" }, signatures: gpt },
      parts: [{ partlabel: `${mark}-esp` }, { partlabel: `${earlier}-root` }],
    }),
    mixed,
    // udev may know of none: wipefs alone sees it, or lsblk alone.
    fc.tuple(type, fc.boolean()).map(
      ([name, udev]): Content => ({
        ...{ truth: "foreign", shows: name },
        ...(udev ? { device: { fstype: name } } : { signatures: [name] }),
      }),
    ),
    fc.constantFrom("gpt", "dos").map(
      (table): Content => ({
        ...{ truth: "foreign", shows: table },
        ...{ device: { pttype: table }, signatures: [table] },
      }),
    ),
    // A volume of a device-mapper below the whole disk, which the kernel has open.
    fc.constantFrom("lvm", "crypt", "raid1").map(
      (below): Content => ({
        ...{ truth: "foreign", shows: "ext4", head: "0" },
        parts: [{ type: below, fstype: "ext4", partlabel: null }],
      }),
    ),
    fc
      .constantFrom("17", "unreadable", "")
      .map((head): Content => ({ truth: "foreign", shows: head === "17" ? "unknown data" : "unreadable", head })),
    fc.constant<Content>({ truth: "foreign", shows: "unknown data", device: { mountpoint: "/" }, head: "0" }),
  );
}

/** Up to four disks of one machine. */
export function generatedDisks(mark: string, earlier: string): fc.Arbitrary<GeneratedDisk[]> {
  const one = fc.record({
    content: contents(mark, earlier),
    serial: fc.constantFrom("A", "B", "C", null),
    wwn: fc.constantFrom("0xA", "0xb", null),
    size: fc.constantFrom(1e9, 500e9, 2000e9),
  });
  return fc.array(one, { maxLength: 4 }).map((disks) =>
    disks.map(({ content, serial, wwn, size }, index) => {
      const { truth, shows, device, parts = [], signatures = [], head = "4096" } = content;
      const name = `/dev/sd${"abcd"[index]}`;
      const children = parts.map((part, at) => lsblkPart(`${name}${at + 1}`, part));
      return {
        ...{ truth, shows, head },
        device: lsblkDisk({ name, serial, wwn, size, ...device, ...(children.length > 0 ? { children } : {}) }),
        signatures: signatures.map((type, at) => `0x${at}00,,,${type}`).join("\n"),
      };
    }),
  );
}
