import { appendFileSync, copyFileSync, existsSync, readFileSync, rmSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { execa } from "execa";
import type { Backend, Inventory, PowerState } from "../redfish/backend.js";
import type { BootOverride } from "../redfish/boot-override.js";
import type { Accelerator } from "./accelerator.js";
import type { EventLog } from "./events.js";
import { FIRMWARE_VARIABLES, SECURE_FIRMWARE_VARIABLES } from "./firmware-files.js";
import { type Layout, machineFiles } from "./layout.js";
import { endProcesses, ownedBy, ownedProcesses, roleOf } from "./owned-processes.js";
import { privateDirectory } from "./private-files.js";
import { type BootPath, bootOrder, qemuArguments } from "./qemu-arguments.js";
import { Qmp, type QmpEvent } from "./qmp.js";
import type { Machine } from "./schema.js";

export interface MachineContext {
  layout: Layout;
  machine: Machine;
  override: BootOverride;
  accelerator: Accelerator;
  events: EventLog;
}

/** One QEMU machine. Its process outlives the daemon: power does not go off because a BMC restarts. */
export class QemuMachine implements Backend {
  readonly inventory: Inventory;
  /** First place of the current boot; undefined while off or when another daemon booted it. */
  bootedFrom: BootPath | undefined;
  private readonly files: ReturnType<typeof machineFiles>;
  private readonly role: string;
  private qmp: Qmp | undefined;
  private pid: number | undefined;
  private ending: string | undefined;
  private busy: Promise<void> = Promise.resolve();

  constructor(private readonly context: MachineContext) {
    const { machine, layout } = context;
    this.files = machineFiles(layout, machine.name);
    this.role = `machine ${machine.name}`;
    this.inventory = {
      uuid: machine.uuid,
      serial: machine.serial,
      model: "Rack node",
      macs: [machine.mac, ...(machine.clusterMac === undefined ? [] : [machine.clusterMac])],
      cpus: machine.cpus,
      memoryGiB: machine.memory / 1024,
      mode: machine.firmware === "uefi" ? "UEFI" : "Legacy",
      ...(machine.secureBoot ? { secureBoot: true } : {}),
    };
  }

  get name(): string {
    return this.context.machine.name;
  }

  power(): PowerState {
    return this.pid === undefined ? "Off" : "On";
  }

  /** Finds the machine again that an earlier daemon left running. */
  async adopt(): Promise<void> {
    const running = ownedProcesses(this.context.layout.dir).find(({ role }) => role === this.role);
    if (running !== undefined) await this.attach(running.pid);
  }

  powerOn(reason: string): Promise<void> {
    return this.inTurn(async () => {
      if (this.pid === undefined) await this.start(reason);
    });
  }

  forceOff(reason: string): Promise<void> {
    return this.inTurn(async () => {
      if (this.pid === undefined) return;
      const { pid } = this;
      this.ending = reason;
      // "quit" lets QEMU write its disk image's tables; a machine that hangs in it is killed.
      void this.qmp?.command("quit").catch(() => {});
      for (let look = 0; look < 40 && this.alive(pid); look += 1) await sleep(25);
      await endProcesses(this.context.layout.dir, [pid], 2000);
      this.gone();
    });
  }

  async pressPowerButton(): Promise<void> {
    await this.qmp?.command("system_powerdown").catch(() => {}); // off meanwhile
  }

  /** Writes what the display shows as a PNG. */
  async screenshot(file: string): Promise<void> {
    if (this.qmp === undefined) throw new Error(`${this.name} switched off, with nothing to see`);
    if (!this.context.machine.display)
      throw new Error(`${this.name} without a display ("display: false" in the rack file)`);
    await this.qmp.command("screendump", { filename: file, format: "png" });
  }

  /** Lets go of the machine without touching it. */
  release(): void {
    this.qmp?.close();
  }

  private async start(reason: string): Promise<void> {
    const { layout, machine, override, accelerator, events } = this.context;
    const { target } = override.state;
    const source = override.take();
    // Firmware sorts the network entries that it finds into its variables, and would try HTTP before PXE ever after.
    const variables = source === "UefiHttp" ? this.files.httpVariables : this.files.variables;
    const paths = { ...this.files, variables };
    await this.prepareFiles(variables);
    const order = bootOrder(source);
    const from = order[0] ?? "disk";
    appendFileSync(this.files.serialLog, `\r\n--- ${new Date().toISOString()} power on, boots from ${from}\r\n`, {
      mode: 0o600,
    });
    const args = qemuArguments({ rack: layout.rack, machine, paths, accelerator, source });
    await execa("qemu-system-x86_64", args, {
      env: ownedBy(layout.dir, this.role),
      stdin: "ignore",
      timeout: 30_000,
    });
    events.add({ event: "power", node: this.name, state: "on", reason });
    events.add({ event: "boot", node: this.name, from, order, override: target });
    this.bootedFrom = from;
    await this.attach(Number(readFileSync(this.files.pid, "utf8")));
  }

  private async prepareFiles(variables: string): Promise<void> {
    const { machine } = this.context;
    privateDirectory(this.files.dir);
    if (!existsSync(this.files.disk)) {
      await execa("qemu-img", ["create", "-q", "-f", "qcow2", this.files.disk, `${machine.disk}G`]);
    }
    if (machine.firmware === "uefi" && !existsSync(variables))
      copyFileSync(machine.secureBoot ? SECURE_FIRMWARE_VARIABLES : FIRMWARE_VARIABLES, variables);
    for (const stale of [this.files.qmp, this.files.console, this.files.pid]) rmSync(stale, { force: true });
  }

  private async attach(pid: number): Promise<void> {
    this.pid = pid;
    this.ending = undefined;
    this.qmp = await Qmp.open(
      this.files.qmp,
      (event) => this.heard(event),
      () => void this.inTurn(() => this.ended(pid)),
    );
    await this.qmp.command("cont").catch(() => {}); // off meanwhile
  }

  private heard({ event, reason }: QmpEvent): void {
    if (event === "SHUTDOWN") this.ending ??= reason ?? "shutdown";
    if (event === "GUEST_PANICKED") this.context.events.add({ event: "guest-panic", node: this.name });
  }

  /** QEMU closed its monitor: it is ending, or the daemon let go of it. */
  private async ended(pid: number): Promise<void> {
    if (this.pid !== pid) return; // somebody has already dealt with it
    for (let look = 0; look < 200 && this.alive(pid); look += 1) await sleep(25);
    if (this.alive(pid)) return;
    const reason = this.ending ?? "process ended";
    if (reason !== "guest-reset") return this.gone();
    this.pid = undefined;
    this.context.events.add({ event: "guest-reset", node: this.name });
    await this.start("guest-reset");
  }

  private gone(): void {
    this.qmp?.close();
    this.context.events.add({ event: "power", node: this.name, state: "off", reason: this.ending ?? "process ended" });
    this.qmp = undefined;
    this.pid = undefined;
    this.bootedFrom = undefined;
  }

  private alive(pid: number): boolean {
    return roleOf(pid, this.context.layout.dir) === this.role;
  }

  /** One change of power at a time. */
  private inTurn(work: () => Promise<void>): Promise<void> {
    const done = this.busy.then(work);
    this.busy = done.catch(() => {});
    return done;
  }
}
