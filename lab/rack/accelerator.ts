import { accessSync, constants, existsSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { homedir, tmpdir, totalmem } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { z } from "zod";
import { FlintError } from "../../foundation/errors.js";
import { FIRMWARE_CODE, FIRMWARE_VARIABLES } from "./firmware-files.js";
import { writeWhole } from "./private-files.js";

export type Accelerator = "kvm" | "tcg";

/**
 * Size of one machine's cache of translated code, for QEMU's `tb-size`. When it is full, QEMU throws all of it away: a booting
 * system fills 200 MiB, one with its services more than 500. Four machines take a quarter of the memory at most.
 *
 * @param memory Bytes of this computer.
 * @returns MiB, a power of two from 128 to 1024.
 */
export function translationCacheMiB(memory: number): number {
  const share = memory / 16 / 2 ** 20;
  return 2 ** Math.min(10, Math.max(7, Math.floor(Math.log2(share))));
}

/** QEMU's options for an accelerator. */
export const ACCELERATOR_OPTIONS: Record<Accelerator, readonly string[]> = {
  kvm: ["-accel", "kvm", "-cpu", "host"],
  // erms is slow when emulated; cmpxchg16b leaves wrong flags in QEMU 7.2, and Linux 6.12 allocates with it: the
  // kernel would panic at random.
  tcg: ["-accel", `tcg,thread=multi,tb-size=${translationCacheMiB(totalmem())}`, "-cpu", "max,-erms,-cx16"],
};

/** Of what `guestRuns` tries: an answer of an earlier way to try counts no more. */
const TRIAL = 2;
const answerSchema = z.object({ boot: z.string(), accelerator: z.enum(["kvm", "tcg"]), trial: z.literal(TRIAL) });

/** `$FLINT_CACHE`, or its default. */
export function cacheDirectory(): string {
  return process.env.FLINT_CACHE ?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "flint");
}

/**
 * KVM where a guest really runs with it, else emulation. FLINT_ACCEL=kvm|tcg decides without trying. The answer is
 * remembered until the next boot of this machine.
 */
export async function chooseAccelerator(): Promise<{ accelerator: Accelerator; why: string }> {
  const wanted = process.env.FLINT_ACCEL;
  if (wanted !== undefined && wanted !== "") {
    const accelerator = z.enum(["kvm", "tcg"]).safeParse(wanted);
    if (accelerator.success) return { accelerator: accelerator.data, why: "FLINT_ACCEL" };
    throw new FlintError("RACK_ACCEL", {
      subject: "FLINT_ACCEL",
      expected: "kvm or tcg",
      found: wanted,
      remedy: "Correct it, or unset it to have it found out.",
    });
  }
  const boot = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
  const memory = join(cacheDirectory(), "accelerator.json");
  const known = remembered(memory);
  if (known?.boot === boot) return { accelerator: known.accelerator, why: "found out earlier" };
  const works = kvmExists() && (await guestRuns("kvm"));
  const accelerator = works ? "kvm" : "tcg";
  writeWhole(memory, `${JSON.stringify({ boot, accelerator, trial: TRIAL })}\n`, 0o644);
  return { accelerator, why: works ? "a guest ran with it" : kvmExists() ? "/dev/kvm runs no guest" : "no /dev/kvm" };
}

/** QEMU's options for a guest that writes to a file as soon as its firmware is there, and how long it may take. */
const GUESTS: { options: (dir: string) => string[]; deadlineMs: number }[] = [
  {
    // SeaBIOS writes its banner to this port as soon as it executes.
    options: (dir) => [
      ...["-chardev", `file,id=log,path=${join(dir, "output")}`],
      ...["-device", "isa-debugcon,iobase=0x402,chardev=log"],
    ],
    deadlineMs: 10_000,
  },
  {
    // Nested KVM without hardware support for some instructions runs that one, and gives up at UEFI's first x87
    // instruction: "KVM internal error … emulation failure".
    options: (dir) => [
      ...["-drive", `if=pflash,format=raw,unit=0,readonly=on,file=${FIRMWARE_CODE}`],
      ...["-drive", `if=pflash,format=raw,unit=1,readonly=on,file=${FIRMWARE_VARIABLES}`],
      ...["-serial", `file:${join(dir, "output")}`],
    ],
    deadlineMs: 60_000,
  },
];

/** Runs a guest of each firmware for a moment: a /dev/kvm that exists may still refuse, or hang in some instruction. */
export async function guestRuns(accelerator: Accelerator): Promise<boolean> {
  for (const guest of GUESTS) if (!(await oneGuestRuns(accelerator, guest))) return false;
  return true;
}

async function oneGuestRuns(accelerator: Accelerator, { options, deadlineMs }: (typeof GUESTS)[number]) {
  const dir = mkdtempSync(join(tmpdir(), "flint-accelerator-"));
  const guest = execa(
    "qemu-system-x86_64",
    [
      ...["-machine", "q35", ...ACCELERATOR_OPTIONS[accelerator], "-m", "128", "-nodefaults", "-display", "none"],
      ...["-no-user-config", ...options(dir)],
    ],
    { timeout: deadlineMs, reject: false, stdin: "ignore" },
  );
  let complaint = "";
  guest.stderr.on("data", (text: Buffer) => {
    complaint += text.toString();
  });
  const end = guest.then(() => "ended" as const);
  try {
    for (;;) {
      const ended = await Promise.race([end, new Promise((resolve) => setTimeout(resolve, 100))]);
      if (hasOutput(join(dir, "output"))) return true;
      if (ended === "ended" || complaint.includes("KVM internal error")) return false;
    }
  } finally {
    guest.kill("SIGKILL");
    await guest;
    rmSync(dir, { recursive: true, force: true });
  }
}

function hasOutput(path: string): boolean {
  return existsSync(path) && statSync(path).size > 0;
}

function kvmExists(): boolean {
  try {
    accessSync("/dev/kvm", constants.R_OK | constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

function remembered(path: string) {
  try {
    return answerSchema.safeParse(JSON.parse(readFileSync(path, "utf8"))).data;
  } catch {
    return undefined;
  }
}
