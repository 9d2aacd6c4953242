import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { z } from "zod";
import { type Disk, parseInventory } from "../../../../providers/bare-metal-node/inventory/parse-inventory.js";
import { inventoryScript } from "../../../../providers/bare-metal-node/inventory/script.js";

const SIZE = 32 * 1024 * 1024;

/** Why no loop device can be had here; undefined when it can. */
export function noLoopDevices(): string | undefined {
  try {
    new LoopDisk().dispose();
    return undefined;
  } catch (error) {
    return `no loop devices here (${error instanceof Error ? error.message.split("\n")[0] : error})`;
  }
}

/** A real block device over an empty file of 32 MiB. */
export class LoopDisk implements Disposable {
  private readonly directory = mkdtempSync(path.join(tmpdir(), "flint-loop-"));
  readonly image = path.join(this.directory, "image");
  readonly device: string;

  constructor() {
    writeFileSync(this.image, "");
    truncateSync(this.image, SIZE);
    this.device = execFileSync("losetup", ["--find", "--show", this.image], { encoding: "utf8", stdio: "pipe" }).trim();
  }

  /** Runs a tool (mkfs, sfdisk, …) on the device. */
  run(command: string, args: string[], input?: string): void {
    execFileSync(command, [...args, this.device], { input, stdio: ["pipe", "ignore", "pipe"] });
  }

  /**
   * The disk as the inventory script sees it. lsblk calls it "loop", which the script rightly ignores: an `lsblk` first on
   * PATH shows this device alone, as a disk. Everything else is real.
   * @param instead Scripts that take the place of programs, by their names.
   */
  inventory(instead: Record<string, string> = {}): Disk {
    const output = this.asDisk("sh", ["-s"], inventoryScript(), instead);
    const disk = parseInventory(output).disks.find((each) => each.path === this.device);
    if (disk === undefined) throw new Error(`the inventory does not show ${this.device}:\n${output}`);
    return disk;
  }

  /** What the installer's `flint-identity` says of it. */
  identity(): unknown {
    const said = this.asDisk("sh", [path.resolve("nix/scripts/identity.sh")]);
    const { disks } = z.object({ disks: z.array(z.looseObject({ path: z.string() })) }).parse(JSON.parse(said));
    return disks.find((each) => each.path === this.device);
  }

  private asDisk(command: string, args: string[], input?: string, instead: Record<string, string> = {}): string {
    const bin = path.join(this.directory, "bin");
    mkdirSync(bin, { recursive: true });
    const real = execFileSync("sh", ["-c", "command -v lsblk"], { encoding: "utf8" }).trim();
    const shown = `#!/bin/sh\n${real} "$@" ${this.device} | sed 's/"type": "loop"/"type": "disk"/; s/ loop *$/ disk/; s/TYPE="loop"/TYPE="disk"/'\n`;
    for (const [program, text] of Object.entries({ lsblk: shown, ...instead })) {
      writeFileSync(path.join(bin, program), text.startsWith("#!") ? text : `#!/bin/sh\n${text}\n`);
      chmodSync(path.join(bin, program), 0o755);
    }
    return execFileSync(command, args, {
      input,
      encoding: "utf8",
      env: { ...process.env, PATH: `${bin}:${process.env.PATH}` },
    });
  }

  dispose(): void {
    if (this.device !== undefined) execFileSync("losetup", ["--detach", this.device]);
    rmSync(this.directory, { recursive: true, force: true });
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}
