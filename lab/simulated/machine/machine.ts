import { randomUUID } from "node:crypto";
import type { Backend, Inventory, PowerState } from "../../redfish/backend.js";
import type { BootOverride } from "../../redfish/boot-override.js";
import type { Files } from "../files.js";
import type { Moment } from "../moments.js";
import type { Random } from "../random.js";
import type { RunningSshd } from "../ssh/server.js";
import type { Surroundings } from "../surroundings.js";
import { type Duration, TIMES } from "../times.js";
import { bootMachine } from "./boot.js";
import { Disk } from "./disk.js";
import { type MachineFaults, serviceFaultsOf, spend } from "./faults.js";
import type { MachineServices } from "./services.js";

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
  /** Where its sshd listens: an installer where DHCP told it to, a system where it was built to. */
  address: string;
  bootId: string;
  commandLine: string;
  /** Store path of the system that was started. */
  booted?: string;
  /** Of an installer, whose root is in memory. */
  files?: Files;
  /** The disk that this installer has laid out and mounted, or is about to, by which script. */
  laidOut?: { disk: Disk; script: string; done: Promise<void> };
  stop(): void | Promise<void>;
}

/** One machine: power, firmware, disks, and what runs on it. */
export class Machine implements Backend {
  readonly inventory: Inventory;
  readonly random: Random;
  running: Running | undefined;
  /** Of the system that runs. */
  services: MachineServices | undefined;
  /** Another machine's disk, in the place of its own. */
  inserted: Disk | undefined;
  /** Its sshd takes no connection. */
  refuses = false;
  private sshd: RunningSshd | undefined;
  private readonly spare: Disk;
  private refusal = new AbortController();
  private state: PowerState = "Off";
  private boot = new AbortController();
  private active: MachineFaults = {};

  constructor(
    readonly description: MachineDescription,
    readonly own: Disk,
    readonly override: BootOverride,
    readonly around: Surroundings,
    /** For the raft services' state, where it has one. */
    readonly dataDisk?: Disk,
  ) {
    const { name, serial, uuid, mac, clusterMac, firmware } = description;
    this.random = around.random.fork(name);
    this.spare = new Disk({ ...own.description, serial: `${own.description.serial}-SPARE`, foreign: undefined });
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

  /** Replaces all active faults. What happens once happens now. */
  set faults(faults: MachineFaults) {
    this.active = faults;
    this.own.instead = faults.otherDisk ?? {};
    this.refusal.abort();
    this.refusal = new AbortController();
    this.refuses = (faults.sshRefused ?? 0) > 0;
    if (this.refuses)
      void this.around.clock.sleep(faults.sshRefused ?? 0, this.refusal.signal).then(
        () => this.listen(false),
        () => {}, // taken back
      );
    this.listen(this.refuses);
    void this.services?.upset(serviceFaultsOf(faults));
    if (faults.powerFails) void this.losePower();
    else if (this.state === "On" && spend(faults, "restarts")) void this.crash();
  }

  private listen(refuses: boolean): void {
    this.refuses = refuses;
    this.sshd?.refuse(refuses);
  }

  /** What runs is reached by this sshd. */
  serve(sshd: RunningSshd): void {
    this.sshd = sshd;
    if (this.refuses) sshd.refuse(true);
  }

  /** Its disks as the kernel finds them. */
  get disks(): readonly Disk[] {
    const data = this.dataDisk === undefined ? [] : [this.dataDisk];
    const disks = [...(this.active.disksReordered ? [this.spare] : []), this.inserted ?? this.own, ...data];
    for (const [at, disk] of disks.entries()) disk.path = `/dev/vd${"abc"[at]}`;
    return disks;
  }

  /** Says that something is about to happen, for what was to go wrong then. */
  reaches(moment: Moment): void {
    this.around.moments.reached(this.name, moment);
    const runs = moment === "installer-up" || moment === "system-up";
    if (runs && this.state === "On" && spend(this.active, "restarts")) void this.crash();
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
    if (this.state === "On" || this.active.powerFails) return;
    this.around.ledger.of(this.name).powerCalls += 1;
    this.tell("power", { state: "on", reason });
    await this.takes("powerOn");
    if (this.active.powerFails) return;
    this.state = "On";
    this.reaches("power-on");
    if (this.power() === "On") this.start();
  }

  async forceOff(reason: string): Promise<void> {
    if (this.state === "Off") return;
    this.around.ledger.of(this.name).powerCalls += 1;
    this.tell("power", { state: "off", reason });
    this.reaches("power-off");
    this.state = "Off";
    await this.halt();
  }

  async pressPowerButton(): Promise<void> {
    if (this.running !== undefined) void this.shutDown("power button");
  }

  /** The operating system shuts down and switches the machine off. */
  async shutDown(reason: string): Promise<void> {
    const { signal } = this.boot;
    this.reaches("power-off");
    await this.takes("shutdown", signal);
    this.state = "Off";
    await this.halt();
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

  /** At once: a power cut, a kernel that panics. */
  private async crash(): Promise<void> {
    const { boot } = this;
    this.tell("restart", { reason: "by itself" });
    await this.halt();
    if (this.state === "On" && this.boot === boot) this.start();
  }

  private async losePower(): Promise<void> {
    if (this.state === "Off") return;
    this.state = "Off";
    this.tell("power", { state: "off", reason: "no power" });
    await this.halt();
  }

  private async halt(): Promise<void> {
    this.boot.abort();
    const { running } = this;
    this.running = undefined;
    this.services = undefined;
    this.sshd = undefined;
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
