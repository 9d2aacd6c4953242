import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { z } from "zod";
import { CHECKOUT } from "../../../lab/rack/layout.js";

/** Writes a disk with a boot loader and a small system, which asks for an address as any operating system does. */
export async function writeBootableDisk(files: { dir: string; disk: string }, scratch: string): Promise<void> {
  const blobs = z
    .record(z.string(), z.looseObject({ url: z.string() }))
    .parse(JSON.parse(readFileSync(join(CHECKOUT, ".rack/debian/blobs.json"), "utf8")));
  const pathOf = (name: string) => new URL(blobs[name]?.url ?? "").pathname;
  const image = join(scratch, "disk.fat");
  const entry = join(scratch, "entry.conf");
  const loader = join(scratch, "loader.conf");
  writeFileSync(entry, "title system\nlinux /kernel\ninitrd /initrd\noptions console=ttyS0,115200\n");
  writeFileSync(loader, "timeout 0\n");
  const run = (command: string, ...args: string[]) => execa(command, args, { timeout: 30_000 });
  // UEFI starts \EFI\BOOT\BOOTX64.EFI of a file system that fills the whole disk, too.
  await run("mkfs.vfat", "-C", image, "65536");
  for (const folder of ["EFI", "EFI/BOOT", "loader", "loader/entries"]) await run("mmd", "-i", image, `::${folder}`);
  for (const [source, target] of [
    [pathOf("bootloader"), "EFI/BOOT/BOOTX64.EFI"],
    [pathOf("kernel"), "kernel"],
    [pathOf("installer"), "initrd"],
    [entry, "loader/entries/system.conf"],
    [loader, "loader/loader.conf"],
  ] as const)
    await run("mcopy", "-i", image, source, `::${target}`);
  await run("mkdir", "-p", "-m", "0700", files.dir);
  await run("qemu-img", "convert", "-f", "raw", "-O", "qcow2", image, files.disk);
}
