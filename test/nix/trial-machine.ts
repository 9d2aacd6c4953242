import {
  appendFileSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { execa } from "execa";
import { ACCELERATOR_OPTIONS, chooseAccelerator } from "../../lab/rack/accelerator.js";
import { FIRMWARE_CODE, FIRMWARE_VARIABLES } from "../../lab/rack/firmware-files.js";
import { CHECKOUT } from "./nix-evaluation.js";

/** A blank disk of the machine, in the order of the kernel's names: /dev/vda, /dev/vdb, … */
export interface DiskOfMachine {
  serial: string;
  /** Default 1536: room for an EFI system partition of 1 GiB. */
  megabytes?: number;
}

/** A cable between two cards of the machine: what one sends the other receives. */
export interface Cable {
  /** MAC address of the card at the end that is tried. */
  mac: string;
  /** MAC address of the other end: what the machine's script makes the network of. */
  peer: string;
}

/** By path in /case; `run` is what is run. */
type Files = Record<string, string> & { run: string };

const KERNEL = "console=ttyS0 quiet panic=-1 no_timer_check mitigations=off audit=0 random.trust_cpu=on";

export interface Ran {
  /** What `run` wrote, to stdout and stderr. */
  output: string;
  /** Its exit code; undefined when the machine did not come so far. */
  code: number | undefined;
}

/** The kernel and initramfs of lab/trial-machine. @throws what its set-up says, when the packages cannot be had. */
export async function prepareTrialMachine(): Promise<string> {
  const { stdout } = await execa(join(CHECKOUT, "lab/trial-machine/prepare"), { timeout: 600_000, stdin: "ignore" });
  return stdout.trim();
}

/** A machine with blank disks, and cards that are cabled to each other. Each `run` boots it; the disks stay as they are left. */
export class TrialMachine {
  private readonly dir = mkdtempSync(join(tmpdir(), "flint-trial-"));

  constructor(
    private readonly made: string,
    private readonly disks: readonly DiskOfMachine[],
    private readonly cables: readonly Cable[] = [],
    /** One that hangs is ended after so long, and tells how far it came. */
    private readonly seconds = 800,
  ) {
    for (const [i, { megabytes }] of disks.entries()) {
      writeFileSync(this.image(i), "");
      truncateSync(this.image(i), (megabytes ?? 1536) * 2 ** 20);
    }
  }

  /** File with the content of the disk of this number. */
  image(number: number): string {
    return join(this.dir, `disk${number}`);
  }

  /** Boots, and runs `files.run` in /case, where all of `files` are. */
  async run(files: Files): Promise<Ran> {
    const initrd = await this.initrd(files);
    return this.start(["-kernel", join(this.made, "kernel"), "-initrd", initrd, "-append", KERNEL, "-no-reboot"]);
  }

  /**
   * As `run`, but started by UEFI firmware and systemd-boot from a disk of its own, /dev/vda; what runs may restart the machine.
   * @param entries Entry → further parameters of the kernel. The first is the default.
   */
  async runFromLoader(files: Files, entries: Readonly<Record<string, string>>): Promise<Ran> {
    const initrd = await this.initrd(files);
    const esp = await this.systemPartition(initrd, entries);
    const variables = join(this.dir, "variables");
    copyFileSync(FIRMWARE_VARIABLES, variables);
    return this.start([
      ...["-drive", `if=pflash,format=raw,unit=0,readonly=on,file=${FIRMWARE_CODE}`],
      ...["-drive", `if=pflash,format=raw,unit=1,file=${variables}`],
      ...["-drive", `if=none,id=esp,file=${esp},format=raw,cache=unsafe`],
      ...["-device", "virtio-blk-pci,drive=esp,bootindex=0"],
    ]);
  }

  /** The machine's initramfs, with the files of this run behind it. */
  private async initrd(files: Files): Promise<string> {
    const folder = join(this.dir, "case");
    rmSync(folder, { recursive: true, force: true });
    for (const [name, content] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, "case", name)), { recursive: true });
      writeFileSync(join(folder, "case", name), content, { mode: 0o755 });
    }
    const initrd = join(this.dir, "initrd");
    copyFileSync(join(this.made, "initrd"), initrd);
    const archive = await execa("sh", ["-c", "find case | cpio --quiet -o -H newc -R 0:0"], {
      cwd: folder,
      encoding: "buffer",
      timeout: 10_000,
    });
    appendFileSync(initrd, archive.stdout);
    return initrd;
  }

  /** A disk that is one FAT file system, with the loader, its entries, and what they start. */
  private async systemPartition(initrd: string, entries: Readonly<Record<string, string>>): Promise<string> {
    const folder = join(this.dir, "esp");
    const write = (name: string, text: string) => {
      mkdirSync(dirname(join(folder, name)), { recursive: true });
      writeFileSync(join(folder, name), text);
    };
    write("loader/loader.conf", `timeout 0\neditor no\ndefault ${Object.keys(entries)[0]}.conf\n`);
    for (const [name, parameters] of Object.entries(entries))
      write(
        `loader/entries/${name}.conf`,
        `title ${name}\nlinux /kernel\ninitrd /initrd\noptions ${KERNEL} ${parameters}\n`,
      );
    mkdirSync(join(folder, "EFI/BOOT"), { recursive: true });
    copyFileSync(join(this.made, "systemd-bootx64.efi"), join(folder, "EFI/BOOT/BOOTX64.EFI"));
    copyFileSync(join(this.made, "kernel"), join(folder, "kernel"));
    copyFileSync(initrd, join(folder, "initrd"));
    const image = join(this.dir, "esp.img");
    writeFileSync(image, "");
    truncateSync(image, 512 * 2 ** 20);
    await execa("mkfs.vfat", ["-F", "32", image], { timeout: 20_000 });
    await execa("mcopy", ["-s", "-i", image, ...readdirSync(folder).map((name) => join(folder, name)), "::/"], {
      timeout: 60_000,
    });
    return image;
  }

  private async start(boot: readonly string[]): Promise<Ran> {
    const { accelerator } = await chooseAccelerator();
    const results = join(this.dir, "results");
    const console = join(this.dir, "console");
    await execa(
      "qemu-system-x86_64",
      [
        ...["-machine", "q35", ...ACCELERATOR_OPTIONS[accelerator], "-smp", "1", "-m", "768"],
        ...["-nodefaults", "-no-user-config", "-display", "none"],
        ...boot,
        ...["-serial", `file:${console}`, "-serial", `file:${results}`],
        ...["-object", "rng-random,id=rng0,filename=/dev/urandom", "-device", "virtio-rng-pci,rng=rng0"],
        ...this.disks.flatMap(({ serial }, i) => [
          ...["-drive", `if=none,id=d${i},file=${this.image(i)},format=raw,cache=unsafe,discard=unmap`],
          ...["-device", `virtio-blk-pci,drive=d${i},serial=${serial}`],
        ]),
        ...this.cables.flatMap(({ mac, peer }, i) => [...card(i, "card", mac), ...card(i, "peer", peer)]),
      ],
      { timeout: this.seconds * 1000, stdin: "ignore", reject: false },
    );
    const output = readFileSync(results, "utf8").replaceAll("\r", "");
    const end = /(?:^|\n)exit (\d+)\n$/.exec(output);
    if (end === null) return { output: `${output}\n${readFileSync(console, "utf8")}`, code: undefined };
    return { output: output.slice(0, end.index + 1), code: Number(end[1]) };
  }

  remove(): void {
    rmSync(this.dir, { recursive: true, force: true });
  }
}

/** A card at the hub that stands for a cable. */
function card(cable: number, end: string, mac: string): string[] {
  const id = `${end}${cable}`;
  // Without a speed and full duplex no link aggregation takes it.
  const properties = `netdev=${id},mac=${mac},speed=1000,duplex=full,romfile=`;
  return ["-netdev", `hubport,id=${id},hubid=${cable}`, "-device", `virtio-net-pci,${properties}`];
}
