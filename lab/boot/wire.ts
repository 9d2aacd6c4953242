import { execa } from "execa";

/** A host's end of a cable. */
export interface Leg {
  interface: string;
  /** Name of the switch at the other end. */
  to: string;
  /** With prefix length: `10.0.100.1/24`. Default: none. */
  address?: string;
  /** The host tags its packets; the address is on `<interface>.<vlan>`. Default: untagged. */
  vlan?: number;
}

export interface SwitchOptions {
  /** Spanning tree: a port forwards only after twice this many seconds (listening, learning). 2 to 30. Default: none. */
  forwardDelay?: number;
  /** Machines' ports are untagged members of this VLAN, hosts' ports tagged ones. Default: no VLANs. */
  vlan?: number;
}

/** Commands that `ip netns exec` may not find by itself. */
const SBIN = { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/sbin` };

/** Racks are told apart by the process, wires within it by their number. */
let made = 0;

/**
 * Switches, hosts and cables in network namespaces of their own: bridges are switches, namespaces hosts, taps the
 * machines' cables. Nothing of it touches this machine's network. Needs root.
 */
export class Wire {
  private readonly hosts = new Set<string>();
  private readonly switches = new Map<string, SwitchOptions>();
  private readonly id = `fb${process.pid.toString(36)}${(made++).toString(36)}`;
  private taps = 0;

  static async create(): Promise<Wire> {
    const wire = new Wire();
    await wire.namespace("wire");
    return wire;
  }

  /** A switch without spanning tree forwards at once. */
  async addSwitch(name: string, options: SwitchOptions = {}): Promise<void> {
    this.switches.set(name, options);
    const { forwardDelay, vlan } = options;
    const tree = forwardDelay === undefined ? "stp_state 0 forward_delay 0" : "stp_state 1";
    const tags = vlan === undefined ? "" : " vlan_filtering 1 vlan_default_pvid 0";
    await this.ip("wire", [`link add ${name} type bridge ${tree} mcast_snooping 0${tags}`, `link set ${name} up`]);
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
    await this.tag(to, tap, "pvid untagged");
    return tap;
  }

  /** argv that runs a command on a host; machines run at the switches (`wire`). */
  on(host: string, command: readonly string[]): [string, string[]] {
    return ["ip", ["netns", "exec", this.nameOf(host), ...command]];
  }

  async run(host: string, ...command: string[]): Promise<string> {
    const [program, args] = this.on(host, command);
    return (await execa(program, args, { timeout: 15_000, stdin: "ignore", env: SBIN })).stdout;
  }

  async close(): Promise<void> {
    for (const host of this.hosts) await execa("ip", ["netns", "delete", this.nameOf(host)], { reject: false });
  }

  private async plug(host: string, { interface: name, to, address, vlan }: Leg): Promise<void> {
    const port = `p${this.hosts.size}${name}`.slice(0, 15);
    await this.ip("wire", [
      `link add ${port} type veth peer name ${name} netns ${this.nameOf(host)}`,
      `link set ${port} master ${to} up`,
    ]);
    const top = vlan === undefined ? name : `${name}.${vlan}`;
    await this.ip(host, [
      ...(vlan === undefined ? [] : [`link add link ${name} name ${top} type vlan id ${vlan}`]),
      `link set ${name} up`,
      `link set ${top} up`,
      ...(address === undefined ? [] : [`addr add ${address} dev ${top}`]),
    ]);
    await this.tag(to, port, vlan === undefined ? "pvid untagged" : "");
  }

  private async tag(to: string, port: string, how: string): Promise<void> {
    const vlan = this.switches.get(to)?.vlan;
    if (vlan === undefined) return;
    await this.run(
      "wire",
      "bridge",
      "vlan",
      "add",
      "dev",
      port,
      "vid",
      String(vlan),
      ...how.split(" ").filter(Boolean),
    );
  }

  private async namespace(name: string): Promise<void> {
    await execa("ip", ["netns", "add", this.nameOf(name)], { timeout: 15_000 });
    this.hosts.add(name);
    await this.ip(name, ["link set lo up"]);
  }

  private async ip(host: string, commands: readonly string[]): Promise<void> {
    const input = `${commands.join("\n")}\n`;
    await execa("ip", ["-n", this.nameOf(host), "-batch", "-"], { input, timeout: 15_000 });
  }

  private nameOf(host: string): string {
    return `${this.id}-${host}`;
  }
}
