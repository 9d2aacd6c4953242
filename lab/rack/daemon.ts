import { existsSync, readFileSync } from "node:fs";
import type { Server } from "node:net";
import { join, relative } from "node:path";
import { z } from "zod";
import { endProcess } from "../../foundation/end-process.js";
import { messageFrom } from "../../foundation/errors.js";
import { answerChassis } from "../ipmi/chassis.js";
import { listenForChassis } from "../ipmi/chassis-server.js";
import { IpmiSimulator } from "../ipmi/simulator.js";
import { Bmc } from "../redfish/bmc.js";
import { BootOverride, overrideState } from "../redfish/boot-override.js";
import { serveBmc } from "../redfish/server.js";
import type { Credentials } from "../redfish/sessions.js";
import type { ControlAnswer, ControlRequest, MachineStatus } from "./control-protocol.js";
import { listenForControl } from "./control-server.js";
import { describeEvent, EventLog } from "./events.js";
import { CHECKOUT, type Layout, layoutOf, machineFiles, socketPath } from "./layout.js";
import { QemuMachine } from "./machine.js";
import { endProcesses, ownedBy, ownedProcesses } from "./owned-processes.js";
import { portAnswers } from "./port.js";
import { writeWhole } from "./private-files.js";
import { readRunningRack } from "./running-rack.js";
import type { Machine, Rack } from "./schema.js";

const ASK_CHASSIS = join(CHECKOUT, "lab/ipmi/ask-chassis");

/** A machine with its BMC. */
interface Slot {
  machine: QemuMachine;
  description: Machine;
  bmc: Bmc;
}

/** The process behind a rack: its BMCs, its machines' power, and the control socket. Runs inside the namespace. */
export class RackDaemon {
  private readonly slots = new Map<string, Slot>();
  private readonly servers: Server[] = [];
  private readonly simulators: IpmiSimulator[] = [];
  private readonly events: EventLog;

  constructor(
    private readonly layout: Layout,
    private readonly rack: Rack,
    private readonly accelerator: "kvm" | "tcg",
  ) {
    this.events = new EventLog(layout.events);
  }

  async start(): Promise<void> {
    const password = readFileSync(this.layout.bmcPassword, "utf8").trim();
    for (const description of this.rack.machines) {
      const files = machineFiles(this.layout, description.name);
      const override = keptOverride(files.override, description);
      const { layout, accelerator, events } = this;
      const machine = new QemuMachine({ layout, machine: description, override, accelerator, events });
      const credentials = { username: this.rack.bmc.username, password };
      const bmc = new Bmc(description.name, machine, override, credentials);
      await machine.adopt();
      this.slots.set(description.name, { machine, description, bmc });
      const server = await serveBmc(bmc, {
        host: description.bmc,
        key: readFileSync(files.key, "utf8"),
        cert: readFileSync(files.certificate, "utf8"),
        onRequest: (request) => this.events.add({ event: "bmc-request", node: description.name, ...request }),
      });
      this.servers.push(server);
      if (description.ipmi) await this.speakIpmi(machine, description, override, credentials);
    }
    this.servers.push(await listenForControl(this.layout.control, (request) => this.answer(request)));
    this.events.add({ event: "daemon", node: null, state: "started" });
  }

  /** ipmi_sim asks us for everything that happens to the machine. One of an earlier daemon is in the way of its port. */
  private async speakIpmi(
    machine: QemuMachine,
    description: Machine,
    override: BootOverride,
    credentials: Credentials,
  ): Promise<void> {
    const { name, bmc: host, serial, uuid } = description;
    const files = machineFiles(this.layout, name);
    const role = `ipmi ${name}`;
    const left = ownedProcesses(this.layout.dir).filter((each) => each.role === role);
    await endProcesses(
      this.layout.dir,
      left.map(({ pid }) => pid),
      0,
    );
    this.servers.push(
      await listenForChassis(socketPath(files.chassis), (words) => {
        this.events.add({ event: "ipmi", node: name, command: words.join(" ") });
        return answerChassis(words, machine, override);
      }),
    );
    this.simulators.push(
      IpmiSimulator.start(
        {
          ...{ name, host, port: 623, ...credentials, guid: uuid.replaceAll("-", "") },
          // From ipmi_sim's own directory: a socket's path must be short.
          chassis: `'${ASK_CHASSIS}' ${relative(files.ipmi, files.chassis)}`,
          product: { vendor: "Flint Lab", model: machine.inventory.model, serial },
        },
        { directory: files.ipmi, env: ownedBy(this.layout.dir, role) },
      ),
    );
  }

  stop(): void {
    for (const simulator of this.simulators) void simulator.stop();
    for (const server of this.servers) server.close();
    for (const { machine } of this.slots.values()) machine.release();
    this.events.add({ event: "daemon", node: null, state: "stopped" });
  }

  private async answer(request: ControlRequest): Promise<ControlAnswer> {
    switch (request.do) {
      case "status":
        return this.status();
      case "power":
        return this.power(this.slot(request.node).machine, request.state);
      case "screenshot":
        await this.slot(request.node).machine.screenshot(request.file);
        return { ok: true };
      case "fault": {
        const { bmc } = this.slot(request.node);
        bmc.faults = request.faults;
        this.events.add({ event: "fault", node: request.node, faults: request.faults });
        return { ok: true };
      }
      case "stop":
        if (request.machines) await this.allOff();
        setTimeout(() => {
          this.stop();
          endProcess(0);
        }, 50);
        return { ok: true };
    }
  }

  private async power(machine: QemuMachine, state: "on" | "off" | "cycle"): Promise<ControlAnswer> {
    if (state !== "on") await machine.forceOff("rack power");
    if (state !== "off") await machine.powerOn("rack power");
    return { ok: true };
  }

  private async allOff(): Promise<void> {
    await Promise.all([...this.slots.values()].map(({ machine }) => machine.forceOff("rack down")));
  }

  private async status(): Promise<ControlAnswer> {
    const [hostSsh, ...machines] = await Promise.all([
      portAnswers(this.rack.host.address, 22),
      ...[...this.slots.values()].map((slot) => this.machineStatus(slot)),
    ]);
    return { ok: true, hostSsh, machines };
  }

  private async machineStatus({ machine, description, bmc }: Slot): Promise<MachineStatus> {
    const last = this.events.last.get(description.name);
    const address = description.addresses?.provisioning;
    const on = machine.power() === "On";
    return {
      name: description.name,
      power: machine.power(),
      bootedFrom: machine.bootedFrom ?? null,
      ssh: on && address !== undefined && (await portAnswers(address, 22)) ? address : null,
      bmc: description.bmc,
      faults: bmc.faults,
      lastEvent: last === undefined ? null : { t: last.t, text: describeEvent(last) },
    };
  }

  private slot(name: string): Slot {
    const slot = this.slots.get(name);
    if (slot !== undefined) return slot;
    throw new Error(`no machine ${name}, only ${[...this.slots.keys()].join(", ")}`);
  }
}

/** A BMC keeps the boot override while its own processor restarts. */
function keptOverride(path: string, { firmware }: Machine): BootOverride {
  const mode = firmware === "uefi" ? "UEFI" : "Legacy";
  const kept = existsSync(path) ? overrideState.safeParse(JSON.parse(readFileSync(path, "utf8"))).data : undefined;
  return new BootOverride({ enabled: "Disabled", target: "None", ...kept, mode }, (state) =>
    writeWhole(path, JSON.stringify(state)),
  );
}

async function main(): Promise<void> {
  const [, , rackName, accelerator] = process.argv;
  const layout = layoutOf(z.string().parse(rackName));
  const daemon = new RackDaemon(layout, readRunningRack(layout), z.enum(["kvm", "tcg"]).parse(accelerator));
  await daemon.start();
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    process.on(signal, () => {
      daemon.stop();
      endProcess(0);
    });
  }
}

if (require.main === module) {
  main().catch((error) => {
    console.error(`${new Date().toISOString()} ${messageFrom(error)}`);
    process.exit(1);
  });
}
