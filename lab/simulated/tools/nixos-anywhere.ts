import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Disk, DiskKind } from "../machine/disk.js";
import { spend } from "../machine/faults.js";
import { finishInstallation, formatDisk } from "../machine/format.js";
import type { Machine } from "../machine/machine.js";
import { requireSsh } from "../machine/sshd.js";
import type { Store } from "../store.js";
import { forEver } from "./for-ever.js";
import type { Tool } from "./server.js";

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
    const { mark, serial, data } = wanted.data.disk;
    const find = (serial: string | undefined) => {
      const found = machine.disks.find((each) => serial === undefined || each.serial === serial);
      if (found === undefined) throw new Error(`no disk with serial ${serial}`);
      return found;
    };
    const disk = find(serial);
    const disks: [Disk, DiskKind][] = [[disk, "system"]];
    if (data !== undefined) disks.push([find(data.serial), data.encrypted ? "encrypted data" : "data"]);
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
      running.laidOut = { disk, script: script ?? "", done: layOut(machine, disks, mark) };
      running.laidOut.done.catch(() => {
        delete running.laidOut;
      });
    }
    let anew = true;
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
      anew = copyTree(after("--extra-files"), disk);
      step("Installing NixOS");
      await here("bootloader");
    } catch (error) {
      disk.cutOff = true;
      throw error;
    }
    signal.throwIfAborted();
    finishInstallation(machine, disk, toplevel, mark, anew);
    machine.reaches("installed");
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

async function layOut(machine: Machine, disks: readonly [Disk, DiskKind][], mark: string): Promise<void> {
  machine.reaches("format");
  const { running } = machine;
  if (running === undefined) throw new Error("Connection to the machine was lost");
  for (const [disk, kind] of disks) formatDisk(machine, disk, mark, kind);
  await machine.takes("format");
  if (machine.faults.diskErrors) throw new Error(`${disks[0]?.[0].path}: Input/output error`);
}

/** The tree of `--extra-files`, onto the new root. @returns whether it differs from what was there. */
function copyTree(root: string, disk: Disk): boolean {
  let differs = false;
  for (const name of readdirSync(root, { recursive: true, encoding: "utf8" })) {
    const from = join(root, name);
    const stat = statSync(from);
    if (!stat.isFile()) continue;
    const content = readFileSync(from);
    differs ||= disk.files.read(`/${name}`)?.equals(content) !== true;
    disk.files.write(`/${name}`, content, stat.mode & 0o777);
  }
  return differs;
}
