import { execFileSync } from "node:child_process";
import { rmSync, writeFileSync } from "node:fs";

/** Where a disk's program writes to; `isa-debugcon` in QEMU. */
export const REPORT_PORT = 0xe9;
/** What a disk's program writes when the firmware has started it. */
export const DISK_REPORT = "disk\n";

const SIZE = 1440 * 1024;

/**
 * x86 code, the same in 16 and in 64 bits: writes the report, byte by byte, then lets the chipset reset the machine (port
 * 0xcf9), as an operating system that restarts does.
 */
function program(): Buffer {
  const code = [...Buffer.from(DISK_REPORT)].flatMap((byte) => [0xb0, byte, 0xe6, REPORT_PORT]); // mov al,…; out port,al
  // cli; mov al,6; then dx = 0xcf9. `mov dx,imm16` has a prefix in 64 bits (66 ba), which 16 bits would read as edx.
  return Buffer.from([0xfa, ...code]);
}

const RESET_16 = [0xba, 0xf9, 0x0c, 0xb0, 0x06, 0xee, 0xf4, 0xeb, 0xfd]; // mov dx,0xcf9; mov al,6; out dx,al; hlt; jmp
const RESET_64 = [0x66, ...RESET_16];

/** A disk whose boot sector (BIOS) or `EFI/BOOT/BOOTX64.EFI` (UEFI) reports that it was started, and restarts. */
export function writeReportingDisk(path: string, firmware: "uefi" | "bios"): void {
  if (firmware === "bios") {
    const disk = Buffer.alloc(SIZE);
    disk.set([...program(), ...RESET_16]);
    disk.set([0x55, 0xaa], 510);
    writeFileSync(path, disk);
    return;
  }
  const loader = `${path}.efi`;
  writeFileSync(loader, efiProgram(Buffer.from([...program(), ...RESET_64])));
  const env = { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/sbin` };
  const run = (command: string, ...args: string[]) => execFileSync(command, args, { env, stdio: "pipe" });
  writeFileSync(path, Buffer.alloc(SIZE));
  run("mkfs.vfat", path);
  run("mmd", "-i", path, "::/EFI", "::/EFI/BOOT");
  run("mcopy", "-i", path, loader, "::/EFI/BOOT/BOOTX64.EFI");
  rmSync(loader);
}

/** The smallest PE32+ image that firmware starts (UEFI 2.10, 2.1.1; Microsoft's PE format): one section, no relocations. */
function efiProgram(code: Buffer): Buffer {
  const image = Buffer.alloc(0x400);
  const pe = 0x40;
  const optional = pe + 24;
  const section = optional + 0xf0;
  image.write("MZ", 0);
  image.writeUInt32LE(pe, 0x3c);
  image.write("PE", pe);
  image.writeUInt16LE(0x8664, pe + 4); // x86-64
  image.writeUInt16LE(1, pe + 6); // sections
  image.writeUInt16LE(0xf0, pe + 20); // size of the optional header
  image.writeUInt16LE(0x22e, pe + 22); // executable, large addresses, no symbols
  image.writeUInt16LE(0x20b, optional); // PE32+
  image.writeUInt32LE(0x200, optional + 4); // size of code
  image.writeUInt32LE(0x1000, optional + 16); // entry point
  image.writeUInt32LE(0x1000, optional + 20); // base of code
  image.writeBigUInt64LE(0x400000n, optional + 24); // image base
  image.writeUInt32LE(0x1000, optional + 32); // alignment in memory
  image.writeUInt32LE(0x200, optional + 36); // alignment in the file
  image.writeUInt32LE(0x2000, optional + 56); // size of the image
  image.writeUInt32LE(0x200, optional + 60); // size of the headers
  image.writeUInt16LE(10, optional + 68); // EFI application
  image.writeUInt32LE(16, optional + 108); // data directories, all empty
  image.write(".text", section);
  image.writeUInt32LE(code.length, section + 8);
  image.writeUInt32LE(0x1000, section + 12);
  image.writeUInt32LE(0x200, section + 16);
  image.writeUInt32LE(0x200, section + 20);
  image.writeUInt32LE(0x60000020, section + 36); // code, execute, read
  image.set(code, 0x200);
  return image;
}
