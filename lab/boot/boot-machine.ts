import type { ChildProcess } from "node:child_process";
import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { waitUntil } from "../../foundation/wait.js";
import { ACCELERATOR_OPTIONS, type Accelerator } from "../rack/accelerator.js";
import {
  ARM64_FIRMWARE_CODE,
  ARM64_FIRMWARE_VARIABLES,
  FIRMWARE_CODE,
  FIRMWARE_VARIABLES,
  SECURE_FIRMWARE_CODE,
  SECURE_FIRMWARE_VARIABLES,
} from "../rack/firmware-files.js";
import { REPORT_PORT, writeReportingDisk } from "./reporting-disk.js";
import type { Wire } from "./wire.js";

export interface Card {
  mac: string;
  /** The switch it is plugged into. */
  to: string;
}

export interface MachineOptions {
  accelerator: Accelerator;
  /** `arm64`: UEFI of a 64-bit ARM machine, always emulated; without disk and Secure Boot. */
  firmware: "uefi" | "bios" | "arm64";
  /** In boot order. */
  cards: Card[];
  /** A disk after the cards in the boot order, which reports when it is started. Default: none. */
  disk?: boolean;
  /** UEFI HTTP boot: the firmware tries no TFTP. Default: PXE. */
  http?: boolean;
  /** UEFI starts only what is signed with a key that firmware is sold with. Default: no Secure Boot. */
  secureBoot?: boolean;
  /** BIOS firmware of the first card that is not iPXE, and asks for a boot file by TFTP. */
  plainPxe?: boolean;
  serial?: string;
  /** MiB. Default 256: enough for iPXE, not for an installer. */
  memory?: number;
}

type MachineProcess = Pick<ChildProcess, "kill" | "stdin"> & PromiseLike<{ stderr: string }>;

/** Many times what it takes: the machine may be emulated on a computer that has much else to do. */
const DEADLINE_MS = Number(process.env.FLINT_BOOT_DEADLINE ?? 450) * 1000;

/** A machine with real firmware that does nothing but boot, again each time it resets itself. */
export class BootMachine {
  private constructor(
    private readonly dir: string,
    private readonly process: MachineProcess,
    private ended: string | undefined = undefined,
  ) {
    void process.then(({ stderr }) => {
      this.ended = stderr;
    });
  }

  static async powerOn(wire: Wire, options: MachineOptions): Promise<BootMachine> {
    const dir = mkdtempSync(join(tmpdir(), "flint-machine-"));
    if (options.firmware !== "bios") copyFileSync(variablesOf(options), join(dir, "variables.fd"));
    if (options.disk && options.firmware !== "arm64") writeReportingDisk(join(dir, "disk.raw"), options.firmware);
    const taps: string[] = [];
    for (const { to } of options.cards) taps.push(await wire.addPort(to));
    const isArm = options.firmware === "arm64";
    const argv = isArm ? armArguments(dir, options, taps) : qemuArguments(dir, options, taps);
    const [program, args] = wire.on("wire", [isArm ? "qemu-system-aarch64" : "qemu-system-x86_64", ...argv]);
    const machine = new BootMachine(dir, execa(program, args, { reject: false, stdin: "pipe" }));
    if (options.plainPxe) void machine.speakAsPlainPxe().catch(() => {}); // what does not come of it is waited for
    return machine;
  }

  /** What its serial port and, of BIOS firmware, its screen showed. */
  console(): string {
    const path = join(this.dir, "console");
    return existsSync(path) ? readFileSync(path, "latin1") : "";
  }

  /**
   * How often its console has shown that. EDK2 sends a character of its serial console twice now and then, where the port is busy:
   * one of several alike counts as all of them.
   */
  timesShown(text: string): number {
    return oneOfAlike(this.console()).split(oneOfAlike(text)).length - 1;
  }

  /** What its disk's program has written. */
  reports(): string {
    const path = join(this.dir, "reports");
    return existsSync(path) ? readFileSync(path, "latin1") : "";
  }

  /** All that is on its disk now. */
  disk(): Buffer {
    return readFileSync(join(this.dir, "disk.raw"));
  }

  /** Waits for something that this machine does; when it does not come, its console tells. */
  until<T>(
    reason: string,
    look: () => T | undefined | false | Promise<T | undefined | false>,
    deadlineMs = DEADLINE_MS,
  ): Promise<T> {
    return waitUntil(
      async () => {
        if (this.ended !== undefined) throw new Error(`the machine is off: ${this.ended}`);
        return look();
      },
      {
        reason,
        deadlineMs,
        intervalMs: 100,
        lastSeen: () => `a console that ends with ${JSON.stringify(this.console().slice(-1500))}`,
        remedy: "Look at the servers' logs.",
      },
    );
  }

  /**
   * QEMU's cards have iPXE as their BIOS firmware, which would skip TFTP: its user class tells our DHCP server that iPXE runs
   * already. This makes it speak as any card's PXE firmware, which has no user class.
   */
  private async speakAsPlainPxe(): Promise<void> {
    await this.until("iPXE's prompt", () => this.console().includes("Press Ctrl-B for the iPXE command line"));
    this.type("\x02");
    for (const [before, line] of ["set net0/user-class PXE", "autoboot net0"].entries()) {
      await this.until("iPXE's shell", () => this.console().split("iPXE>").length > before + 1);
      // BIOS keeps fifteen keys, and drops what a busy machine has not fetched yet: each is echoed before the next.
      for (const key of line) {
        const shown = this.console().length;
        this.type(key);
        await this.until("a key's echo", () => this.console().length > shown);
      }
      this.type("\r");
    }
  }

  /** At its keyboard, as the serial port is one. */
  type(text: string): void {
    this.process.stdin?.write(text);
  }

  /** Also a second time. */
  async powerOff(): Promise<void> {
    this.process.kill("SIGKILL");
    await this.process;
    rmSync(this.dir, { recursive: true, force: true });
  }
}

function qemuArguments(dir: string, options: MachineOptions, taps: readonly string[]): string[] {
  const { accelerator, firmware, cards, serial = "BENCH-1", memory = 256 } = options;
  return [
    // Without graphics SeaBIOS shows its screen on the serial port.
    ...[
      "-machine",
      `q35,graphics=off,smm=${options.secureBoot ? "on" : "auto"}`,
      ...ACCELERATOR_OPTIONS[accelerator],
      "-smp",
      "1",
      "-m",
      String(memory),
    ],
    ...["-nodefaults", "-no-user-config", "-display", "none"],
    ...identity(cards, serial),
    ...(firmware === "uefi" ? uefi(dir, options) : []),
    ...cardArguments(cards, taps, firmware === "uefi" ? ",romfile=" : ""),
    ...(options.disk
      ? [
          ...["-drive", `if=none,id=disk,file=${join(dir, "disk.raw")},format=raw,cache=unsafe`],
          ...["-device", `virtio-blk-pci,drive=disk,bootindex=${cards.length}`],
        ]
      : []),
    ...RANDOM,
    ...["-chardev", `file,id=reports,path=${join(dir, "reports")}`],
    ...["-device", `isa-debugcon,iobase=${REPORT_PORT},chardev=reports`],
    ...consoleArguments(dir),
  ];
}

/** A machine of QEMU's own, as no other has firmware that anybody has. */
function armArguments(dir: string, options: MachineOptions, taps: readonly string[]): string[] {
  const { cards, serial = "BENCH-1", memory = 512 } = options;
  return [
    ...["-machine", "virt", "-cpu", "cortex-a57", "-accel", "tcg", "-smp", "1", "-m", String(memory)],
    ...["-nodefaults", "-no-user-config", "-display", "none"],
    ...identity(cards, serial),
    ...flash(dir, ARM64_FIRMWARE_CODE),
    ...networkBoot(options),
    ...cardArguments(cards, taps, ",romfile="),
    ...RANDOM,
    ...consoleArguments(dir),
  ];
}

/** Firmware without random numbers boots from no network. */
const RANDOM = ["-object", "rng-random,id=rng0,filename=/dev/urandom", "-device", "virtio-rng-pci,rng=rng0"];

function identity(cards: readonly Card[], serial: string): string[] {
  return [
    ...["-uuid", `4c4c4544-0000-4000-8000-${cards[0]?.mac.replaceAll(":", "")}`],
    ...["-smbios", `type=1,manufacturer=Flint Lab,product=Bench,serial=${serial}`],
  ];
}

function cardArguments(cards: readonly Card[], taps: readonly string[], rom: string): string[] {
  return cards.flatMap(({ mac }, place) => [
    ...["-netdev", `tap,id=net${place},ifname=${taps[place]},script=no,downscript=no`],
    ...["-device", `virtio-net-pci,netdev=net${place},mac=${mac},bootindex=${place}${rom}`],
  ]);
}

function consoleArguments(dir: string): string[] {
  return ["-chardev", `stdio,id=serial,signal=off,logfile=${join(dir, "console")}`, "-serial", "chardev:serial"];
}

function variablesOf({ firmware, secureBoot }: MachineOptions): string {
  if (firmware === "arm64") return ARM64_FIRMWARE_VARIABLES;
  return secureBoot ? SECURE_FIRMWARE_VARIABLES : FIRMWARE_VARIABLES;
}

function flash(dir: string, code: string): string[] {
  return [
    ...["-drive", `if=pflash,format=raw,unit=0,readonly=on,file=${code}`],
    ...["-drive", `if=pflash,format=raw,unit=1,file=${join(dir, "variables.fd")}`],
  ];
}

function uefi(dir: string, options: MachineOptions): string[] {
  const { secureBoot } = options;
  const code = secureBoot ? SECURE_FIRMWARE_CODE : FIRMWARE_CODE;
  return [
    ...(secureBoot ? ["-global", "driver=cfi.pflash01,property=secure,value=on"] : []),
    ...flash(dir, code),
    ...networkBoot(options),
  ];
}

function networkBoot({ http }: MachineOptions): string[] {
  return [
    ...["-fw_cfg", "name=opt/org.tianocore/IPv6PXESupport,string=no"],
    ...(http ? ["-fw_cfg", "name=opt/org.tianocore/IPv4PXESupport,string=no"] : []),
  ];
}

/** "neitheer" → "neither". */
function oneOfAlike(text: string): string {
  return text.replaceAll(/(.)\1+/g, "$1");
}
