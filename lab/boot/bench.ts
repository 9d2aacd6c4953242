import type { HostTraits } from "../../providers/pxe-server/render/dnsmasq.js";
import { chooseAccelerator } from "../rack/accelerator.js";
import { BootMachine, type MachineOptions } from "./boot-machine.js";
import { BootServer } from "./boot-server.js";
import { Wire } from "./wire.js";

/** A wire with whatever was put on it; everything ends together. */
export class BootBench {
  private readonly machines: BootMachine[] = [];
  private readonly servers: { close(): Promise<void> }[] = [];

  private constructor(readonly wire: Wire) {}

  static async create(): Promise<BootBench> {
    return new BootBench(await Wire.create());
  }

  /** A provisioning host at 10.0.100.1 on a switch that machines are plugged into. */
  static async simple(
    changes: object = {},
    traits: Partial<HostTraits> = {},
  ): Promise<{ bench: BootBench; server: BootServer }> {
    const bench = await BootBench.create();
    await bench.wire.addSwitch("switch");
    await bench.wire.addHost("host", { interface: "eth1", to: "switch", address: "10.0.100.1/24" });
    return { bench, server: await bench.serve("host", changes, traits) };
  }

  async serve(host: string, changes: object = {}, traits: Partial<HostTraits> = {}): Promise<BootServer> {
    const server = await BootServer.start(this.wire, host, changes, traits);
    this.servers.push(server);
    return server;
  }

  async powerOn(options: Omit<MachineOptions, "accelerator">): Promise<BootMachine> {
    const { accelerator } = await chooseAccelerator();
    const machine = await BootMachine.powerOn(this.wire, { accelerator, ...options });
    this.machines.push(machine);
    return machine;
  }

  /** Something else that ends with the bench, as another DHCP server. */
  add(server: { close(): Promise<void> }): void {
    this.servers.push(server);
  }

  async close(): Promise<void> {
    for (const machine of this.machines) await machine.powerOff();
    for (const server of this.servers) await server.close();
    await this.wire.close();
  }
}
