import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Disk } from "../machine/disk.js";
import { spend } from "../machine/faults.js";
import type { Machine } from "../machine/machine.js";
import { requireSsh } from "../machine/sshd.js";
import type { Store } from "../store.js";
import { forEver } from "./for-ever.js";
import type { Tool, ToolCall } from "./server.js";

export interface InstallOptions {
  store: Store;
  machineAt: (address: string) => Machine | undefined;
}

/** Parts in which a closure travels: between any two of them an installation can be cut off. */
const PARTS = 5;

/** nixos-anywhere with `--store-paths` and `--phases disko,install`: its lines, steps and exit codes. */
export function nixosAnywhere(options: InstallOptions): Tool {
  return async (call) => {
    const { out, error, signal } = call;
    const after = (option: string) => call.argv[call.argv.indexOf(option) + 1] ?? "";
    const step = (text: string) => out(`### ${text} ###`);
    const [script, toplevel] = call.argv.slice(call.argv.indexOf("--store-paths") + 1);
    const address = after("--target-host").replace(/^[^@]*@/, "");
    const machine = options.machineAt(address);
    const wanted = options.store.systems.get(script ?? "");
    if (wanted === undefined || toplevel === undefined) throw new Error("the store paths are not valid");
    const running = machine?.running;
    if (machine === undefined || running?.kind !== "installer") {
      error(`ssh: connect to host ${address} port 22: Connection refused`);
      return 255;
    }
    const { mark, serial } = wanted.data.disk;
    const disk = machine.disks.find((each) => serial === undefined || each.serial === serial);
    if (disk === undefined) throw new Error(`no disk with serial ${serial}`);
    /** Whoever cuts the power or restarts the machine cuts this off. */
    const here = async (what: Parameters<Machine["takes"]>[0]) => {
      await machine.takes(what, signal);
      if (machine.running !== running) throw new Error("Connection to the machine was lost");
      requireSsh(machine);
    };
    step("Uploading install SSH keys");
    step("Gathering machine facts");
    step("Formatting hard drive with disko");
    // The disk script runs on the machine: it goes on when its caller is gone, and a second one waits for it.
    if (running.laidOut?.script !== script) {
      running.laidOut = { disk, script: script ?? "", done: layOut(machine, disk, mark) };
      running.laidOut.done.catch(() => {
        delete running.laidOut;
      });
    }
    try {
      await running.laidOut?.done;
      await here("machineCommand");
      if (spend(machine.faults, "restartsInstalling")) void machine.restart().catch(() => {});
      step("Uploading the system closure");
      for (let part = 1; part <= PARTS; part++) {
        await here("closurePart");
        if (part === 2) await meetFaults(machine, disk, signal);
        disk.used = (wanted.bytes * part) / PARTS;
      }
      disk.store.add(toplevel);
      step("Copying extra files");
      await here("secrets");
      copyTree(after("--extra-files"), disk);
      step("Installing NixOS");
      await here("bootloader");
    } catch (error) {
      disk.cutOff = true;
      throw error;
    }
    install(machine, disk, toplevel, mark, call);
    step("Done!");
    return 0;
  };
}

/** In the middle of the copy. */
async function meetFaults(machine: Machine, disk: Disk, signal: AbortSignal): Promise<void> {
  machine.reaches("closure");
  const { faults } = machine;
  if (spend(faults, "copyHangs")) await forEver(signal);
  if (spend(faults, "copyBreaks")) throw new Error("unexpected end-of-file");
  if (faults.outOfMemory) throw new Error("Killed");
  if (faults.diskFull) throw new Error("writing to file: No space left on device");
  if (faults.diskErrors) throw new Error(`${disk.path}: Input/output error`);
}

async function layOut(machine: Machine, disk: Disk, mark: string): Promise<void> {
  machine.reaches("format");
  const { running } = machine;
  if (running === undefined) throw new Error("Connection to the machine was lost");
  format(machine, disk, mark);
  await machine.takes("format");
  if (machine.faults.diskErrors) throw new Error(`${disk.path}: Input/output error`);
}

/** The one thing that loses data: noted before it happens, and judged. */
function format(machine: Machine, disk: Disk, mark: string): void {
  const { ledger } = machine.around;
  const { serial } = disk.description;
  const counts = ledger.of(machine.name);
  if (disk.precious) ledger.violate(machine.name, `disk ${serial} held foreign data and was formatted`);
  const isInUse = disk.mark === mark && !disk.letGo;
  if (isInUse && disk.system !== undefined)
    ledger.violate(machine.name, `disk ${serial} held the whole system of ${mark} and was formatted again`);
  else if (isInUse && !disk.cutOff)
    ledger.violate(machine.name, `disk ${serial} was laid out for ${mark} and was formatted again`);
  counts.wipes[serial] = (counts.wipes[serial] ?? 0) + 1;
  machine.tell("format", { disk: serial, mark });
  disk.format(mark);
}

function install(machine: Machine, disk: Disk, toplevel: string, mark: string, { signal }: ToolCall): void {
  signal.throwIfAborted();
  disk.system = toplevel;
  const { installs } = machine.around.ledger.of(machine.name);
  installs[mark] = (installs[mark] ?? 0) + 1;
  machine.tell("installed", { toplevel, mark });
  machine.reaches("installed");
}

/** The tree of `--extra-files`, onto the new root. */
function copyTree(root: string, disk: Disk): void {
  for (const name of readdirSync(root, { recursive: true, encoding: "utf8" })) {
    const from = join(root, name);
    const stat = statSync(from);
    if (stat.isFile()) disk.files.write(`/${name}`, readFileSync(from), stat.mode & 0o777);
  }
}
