import { createHash } from "node:crypto";
import { Files } from "../files.js";
import { newServiceData, type ServiceData } from "../services/service-data.js";

/** A partition by its GPT name. */
export interface Partition {
  label: string;
  /** Null: what was there has been written over. */
  fstype: string | null;
}

/** What it is laid out for. */
export type DiskKind = "system" | "data" | "encrypted data";

const LAYOUTS: Readonly<Record<DiskKind, readonly (readonly [part: string, fstype: string])[]>> = {
  system: [
    ["esp", "vfat"],
    ["root", "ext4"],
  ],
  data: [["data", "ext4"]],
  "encrypted data": [["data", "crypto_LUKS"]],
};

/** What a disk of a simulated machine is at first. */
export interface DiskDescription {
  /** `/dev/vda`, where it is the only one. */
  path: string;
  serial: string;
  /** Bytes. */
  size: number;
  /** File system that somebody else left on it. Default: none, the disk is blank. */
  foreign?: string;
}

/** A disk and what is on it. */
export class Disk {
  partitions: Partition[] = [];
  /** What another disk in its place tells of itself. */
  instead: { serial?: string; foreign?: string; uuid?: string } = {};
  /** The root file system, once there is one. */
  readonly files = new Files();
  /** Store path of the system that starts from it. */
  system: string | undefined;
  /** Store paths in its nix store. */
  readonly store = new Set<string>();
  /** Bytes used. */
  used = 0;
  /** What was being written to it was cut off. */
  cutOff = false;
  /** The machine was taken out of its cluster since: what is on the disk is nobody's any more. */
  letGo = false;
  /** What services keep. */
  data: ServiceData = newServiceData();
  private somebodys: string | undefined;
  /** What may be lost of it. */
  private released: string | undefined;

  /** Where the kernel finds it. */
  path: string;

  constructor(readonly description: DiskDescription) {
    this.somebodys = description.foreign;
    this.path = description.path;
  }

  get serial(): string {
    return this.instead.serial ?? this.description.serial;
  }

  /** A file system on the whole disk that is not Flint's. */
  get foreign(): string | undefined {
    return this.instead.foreign ?? this.somebodys;
  }

  /** Of that file system: another one of the same kind has another. */
  get uuid(): string | undefined {
    if (this.foreign === undefined) return undefined;
    if (this.instead.uuid !== undefined) return this.instead.uuid;
    const digits = createHash("sha256").update(`${this.serial} ${this.foreign}`).digest("hex");
    return digits.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*$/, "$1-$2-$3-$4-$5");
  }

  /** Whose it is gives up what is on it now; not what may come to be on it later. */
  release(): void {
    this.released = this.uuid;
  }

  /** It holds what nobody has given up. */
  get precious(): boolean {
    return this.foreign !== undefined && this.uuid !== this.released;
  }

  get blank(): boolean {
    return this.partitions.length === 0 && this.foreign === undefined;
  }

  /** The installation whose mark all partitions carry: `flint-` and eight digits. */
  get mark(): string | undefined {
    return /^(flint-[0-9a-f]{8})-/.exec(this.partitions[0]?.label ?? "")?.[1];
  }

  /** What was in its partitions is gone, their table is still there. */
  emptyPartitions(): void {
    this.partitions = this.partitions.map(({ label }) => ({ label, fstype: null }));
    this.system = undefined;
  }

  /** Nothing of what was on it can be read any more. */
  erase(): void {
    this.partitions = [];
    this.somebodys = undefined;
    this.instead = { serial: this.instead.serial };
    this.released = undefined;
    this.system = undefined;
    this.files.clear();
    this.store.clear();
    this.used = 0;
    this.cutOff = false;
    this.letGo = false;
    this.data = newServiceData();
  }

  /** A new partition table and new file systems, marked as this installation's. */
  format(mark: string, kind: DiskKind = "system"): void {
    this.erase();
    this.partitions = LAYOUTS[kind].map(([part, fstype]) => ({ label: `${mark}-${part}`, fstype }));
  }
}
