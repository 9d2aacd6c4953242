import { z } from "zod";
import type { Change } from "../runtime/lifecycle.js";
import { tell } from "../runtime/progress.js";
import { declaredDisks, type ForeignDisk, foreignDiskSchema } from "./disk/foreign.js";
import { describeDisk, howToWipe, matches } from "./disk/guard.js";
import type { NodeOutputs } from "./outputs.js";
import { inputsSchema } from "./schema.js";

/** A line about a disk. */
export interface DiskLine {
  severity: "info" | "warn";
  text: string;
}

const wantSchema = inputsSchema.pick({ name: true, disk: true });
const FOREIGN = "foreignDisks" satisfies keyof NodeOutputs;
const foreignSchema = z.array(foreignDiskSchema);

/**
 * What becomes of the disks that held something foreign when the machine was in its installer last, in words: which of them are
 * wiped is what a person consents to. Silent about disks that are not declared any more. Pure.
 */
export function tellDisks({ olds, news, result }: Pick<Change, "olds" | "news" | "result">): DiskLine[] {
  const foreign = foreignSchema.safeParse(olds[FOREIGN]);
  const want = wantSchema.safeParse(news);
  if (!foreign.success || !want.success) return [];
  const { name, disk } = want.data;
  const declared = new Map(declaredDisks(disk));
  const known = foreign.data.flatMap((each) => {
    const wish = declared.get(each.key);
    return wish !== undefined && matches(wish, each) ? [{ ...each, release: wish.release }] : [];
  });
  const released = known.filter(({ release, fingerprint }) => release === fingerprint);
  // What a raised generation, or another machine, finds on the others is not known yet.
  const kept = result.replaces === undefined ? known.filter((each) => !released.includes(each)) : [];
  return [
    ...released.map((each) => (kept.length === 0 ? willBeWiped(name, each) : waits(name, each))),
    ...kept.map((each) => isKept(name, each)),
  ];
}

/** Says it on the machine's line, in a preview as in an update. */
export function announceDisks(change: Change): void {
  const self = z.string().optional().catch(undefined).parse(change.news.self);
  for (const { severity, text } of tellDisks(change)) tell(self, text, severity);
}

function willBeWiped(machine: string, disk: ForeignDisk): DiskLine {
  const { key, fingerprint } = disk;
  const text = `${machine}: ${describeDisk(disk)} WILL BE WIPED: ${key}.release: ${fingerprint} names what was found on it.`;
  return { severity: "warn", text };
}

function waits(machine: string, disk: ForeignDisk): DiskLine {
  const text = `${machine}: ${describeDisk(disk)} is released, and is not wiped before all of its disks are.`;
  return { severity: "info", text };
}

function isKept(machine: string, disk: ForeignDisk & { release?: string }): DiskLine {
  const { key, fingerprint, release } = disk;
  const how = howToWipe(machine, key, fingerprint);
  if (release === undefined)
    return { severity: "info", text: `${machine}: ${describeDisk(disk)} was refused, and is not wiped. ${how}` };
  const text = `${machine}: ${key}.release: ${release} does not name what was found on ${describeDisk(disk)}: it is not wiped. ${how}`;
  return { severity: "warn", text };
}
