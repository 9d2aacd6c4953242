import { randomUUID } from "node:crypto";
import type { Backend, Inventory, PowerState } from "../../redfish/backend.js";
import type { BootOverride } from "../../redfish/boot-override.js";
import type { Random } from "../random.js";
import type { Surroundings } from "../surroundings.js";
import { type Duration, TIMES } from "../times.js";
import { bootMachine } from "./boot.js";
import type { Disk } from "./disk.js";
import type { MachineFaults } from "./faults.js";

/** A machine of a simulated rack as it is declared. */
export interface MachineDescription {
  name: string;
  mac: string;
  clusterMac: string;
  addresses: { provisioning: string; cluster: string };
  bmc: string;
  serial: string;
  uuid: string;
  firmware: "uefi" | "bios";
}

/** What runs on a machine at the moment, and is reached by ssh. */
export interface Running {
  /** `other`: an operating system that is not Flint's. */
  kind: "installer" | "system" | "other";
  bootId: string;
  commandLine: string;
  /** Store path of the system that was started. */
  booted?: string;
  /** The disk that this installer has laid out and mounted, or is about to, by which script. */
  laidOut?: { disk: Disk; script: string; done: Promise<void> };
  stop(): void | Promise<void>;
}

/** One machine: power, firmware, disks, and what runs on it. */
export class Machine implements Backend {
  readonly inventory: Inventory;
  readonly random: Random;
  running: Running | undefined;
  private state: PowerState = "Off";
  private boot = new AbortController();
  private active: MachineFaults = {};

  constructor(
    readonly description: MachineDescription,
    readonly disks: readonly Disk[],
    readonly override: BootOverride,
    readonly around: Surroundings,
  ) {
    const { name, serial, uuid, mac, clusterMac, firmware } = description;
    this.random = around.random.fork(name);
    this.inventory = {
      uuid,
      serial,
      model: "Simulated",
      macs: [mac, clusterMac],
      cpus: 2,
      memoryGiB: 8,
      mode: firmware === "uefi" ? "UEFI" : "Legacy",
    };
  }

  get faults(): MachineFaults {
    return this.active;
  }

  /** Replaces all active faults. */
  set faults(faults: MachineFaults) {
    this.active = faults;
    for (const disk of this.disks.slice(0, 1)) disk.instead = faults.otherDisk ?? {};
  }

  /** As the firmware tells it. */
  get serial(): string {
    return this.active.otherSerial ?? this.inventory.serial;
  }

  get name(): string {
    return this.description.name;
  }

  power(): PowerState {
    return this.state;
  }

  /** The disk from which the firmware starts: the first that has a system. */
  get bootDisk(): Disk | undefined {
    return this.disks.find((disk) => disk.system !== undefined);
  }

  tell(event: string, details: Record<string, unknown> = {}): void {
    this.around.ledger.add({ event, machine: this.name, ...details });
  }

  /** Waits as long as this takes, give or take a fifth. @throws AbortError at the signal. */
  async takes(what: Duration, signal?: AbortSignal): Promise<void> {
    const percent = this.random.between(80, 120) * (this.faults.slow ?? 1);
    await this.around.clock.sleep((TIMES[what] * percent) / 100, signal);
  }

  async powerOn(reason: string): Promise<void> {
    if (this.state === "On") return;
    this.around.ledger.of(this.name).powerCalls += 1;
    this.tell("power", { state: "on", reason });
    await this.takes("powerOn");
    this.state = "On";
    this.start();
  }

  async forceOff(reason: string): Promise<void> {
    if (this.state === "Off") return;
    this.around.ledger.of(this.name).powerCalls += 1;
    this.tell("power", { state: "off", reason });
    await this.halt();
    this.state = "Off";
  }

  async pressPowerButton(): Promise<void> {
    if (this.running !== undefined) void this.shutDown("power button");
  }

  /** The operating system shuts down and switches the machine off. */
  async shutDown(reason: string): Promise<void> {
    const { signal } = this.boot;
    await this.takes("shutdown", signal);
    await this.halt();
    this.state = "Off";
    this.tell("power", { state: "off", reason });
  }

  /** The operating system restarts the machine. */
  async restart(): Promise<void> {
    const { signal } = this.boot;
    await this.takes("shutdown", signal);
    this.tell("restart");
    await this.halt();
    this.start();
  }

  private async halt(): Promise<void> {
    this.boot.abort();
    const { running } = this;
    this.running = undefined;
    await running?.stop();
  }

  private start(): void {
    this.boot = new AbortController();
    const { signal } = this.boot;
    this.around.ledger.of(this.name).boots += 1;
    bootMachine(this, signal).then(
      (running) => {
        if (signal.aborted) void running?.stop();
        else this.running = running;
      },
      (error: unknown) => {
        if (!signal.aborted) this.around.ledger.violate(this.name, `the simulation itself failed: ${String(error)}`);
      },
    );
  }
}

export const newBootId = (): string => randomUUID();
