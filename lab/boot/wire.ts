import { randomBytes } from "node:crypto";
import { execa } from "execa";
import { layTaggedCable } from "./tagged-cable.js";

/** A host's end of a cable. */
export interface Leg {
  interface: string;
  /** Name of the switch at the other end. */
  to: string;
  /** With prefix length: `10.0.100.1/24`. Default: none. */
  address?: string;
  /**
   * Both ends of the cable tag: the host has its address on `<interface>.<vlan>`, its only device then; the switch has that VLAN
   * as its machines' untagged one. Default: untagged.
   */
  vlan?: number;
}

export interface SwitchOptions {
  /** Spanning tree: a port forwards only after twice this many seconds (listening, learning). 2 to 30. Default: none. */
  forwardDelay?: number;
}

/** Commands that `ip netns exec` may not find by itself. */
const SBIN = { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/sbin` };

/**
 * Switches, hosts and cables in network namespaces of their own: bridges are switches, namespaces hosts, taps the
 * machines' cables. Nothing of it touches this machine's network. Needs root.
 */
export class Wire {
  private readonly hosts = new Set<string>();
  /** By chance: a process that was killed leaves its namespaces, and its number comes again. */
  private readonly id = `fb${randomBytes(4).toString("hex")}`;
  private readonly cables: { close(): Promise<void> }[] = [];
  private taps = 0;

  static async create(): Promise<Wire> {
    const wire = new Wire();
    await wire.namespace("wire");
    return wire;
  }

  /** A switch without spanning tree forwards at once. */
  async addSwitch(name: string, { forwardDelay }: SwitchOptions = {}): Promise<void> {
    const tree = forwardDelay === undefined ? "stp_state 0 forward_delay 0" : "stp_state 1";
    await this.ip("wire", [`link add ${name} type bridge ${tree} mcast_snooping 0`, `link set ${name} up`]);
    // Hundredths of a second; a bridge takes it only while it is one with spanning tree.
    if (forwardDelay !== undefined)
      await this.ip("wire", [`link set ${name} type bridge forward_delay ${forwardDelay * 100}`]);
  }

  async addHost(name: string, ...legs: Leg[]): Promise<void> {
    await this.namespace(name);
    for (const leg of legs) await this.plug(name, leg);
  }

  /** A machine's port of a switch; the machine plugs in when it starts. */
  async addPort(to: string): Promise<string> {
    const tap = `tap${this.taps++}`;
    await this.ip("wire", [`tuntap add dev ${tap} mode tap`, `link set ${tap} master ${to} up`]);
    return tap;
  }

  /** argv that runs a command on a host; machines run at the switches (`wire`). */
  on(host: string, command: readonly string[]): [string, string[]] {
    return ["ip", ["netns", "exec", this.nameOf(host), ...command]];
  }

  async run(host: string, ...command: string[]): Promise<string> {
    const [program, args] = this.on(host, command);
    return (await execa(program, args, { timeout: 40_000, stdin: "ignore", env: SBIN })).stdout;
  }

  async close(): Promise<void> {
    for (const cable of this.cables) await cable.close();
    for (const host of this.hosts) await execa("ip", ["netns", "delete", this.nameOf(host)], { reject: false });
  }

  private async plug(host: string, { interface: name, to, address, vlan }: Leg): Promise<void> {
    const port = `p${this.hosts.size}${name}`.slice(0, 10);
    const device = vlan === undefined ? name : `${name}.${vlan}`;
    if (vlan === undefined)
      await this.ip("wire", [`link add ${port} type veth peer name ${name} netns ${this.nameOf(host)}`]);
    else {
      const end = (at: string, of: string) => ({
        on: (command: readonly string[]) => this.on(at, command),
        device: of,
        vlan,
      });
      this.cables.push(await layTaggedCable(end(host, device), end("wire", port)));
    }
    await this.ip("wire", [`link set ${port} master ${to} up`]);
    await this.ip(host, [
      `link set ${device} up`,
      ...(address === undefined ? [] : [`addr add ${address} dev ${device}`]),
    ]);
  }

  private async namespace(name: string): Promise<void> {
    await execa("ip", ["netns", "add", this.nameOf(name)], { timeout: 40_000 });
    this.hosts.add(name);
    await this.ip(name, ["link set lo up"]);
  }

  private async ip(host: string, commands: readonly string[]): Promise<void> {
    const input = `${commands.join("\n")}\n`;
    await execa("ip", ["-n", this.nameOf(host), "-batch", "-"], { input, timeout: 40_000 });
  }

  private nameOf(host: string): string {
    return `${this.id}-${host}`;
  }
}
