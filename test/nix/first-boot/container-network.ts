import { execFileSync } from "node:child_process";

/** Bridges of a network namespace of the test's own, with the operator's address on each. */
export class ContainerNetwork {
  readonly namespace = `flint-first-boot-${process.pid}`;
  private readonly nodes: string[] = [];

  constructor() {
    execFileSync("ip", ["netns", "add", this.namespace]);
    this.ip(
      "link set lo up",
      ...["prov", "clus"].flatMap((bridge) => [
        `link add ${bridge} type bridge forward_delay 0`,
        `link set ${bridge} up`,
      ]),
      "addr add 10.0.100.1/24 dev prov",
      "addr add 10.0.200.1/24 dev clus",
    );
  }

  /** A node's own namespace, with its cards as its networks expect them by MAC. Answers the namespace's path. */
  plug(number: number, macs: { provisioning: string; cluster: string }): string {
    const node = `${this.namespace}-${number}`;
    execFileSync("ip", ["netns", "add", node]);
    this.nodes.push(node);
    this.ip(
      ...[
        { card: "eth0", bridge: "prov", mac: macs.provisioning },
        { card: "eth1", bridge: "clus", mac: macs.cluster },
      ].flatMap(({ card, bridge, mac }) => [
        `link add ${bridge}${number} type veth peer name ${card} netns ${node} address ${mac}`,
        `link set ${bridge}${number} master ${bridge} up`,
      ]),
    );
    return `/run/netns/${node}`;
  }

  /** argv that runs a command in the namespace. */
  inside(...command: string[]): [string, string[]] {
    return ["nsenter", [`--net=/run/netns/${this.namespace}`, "--", ...command]];
  }

  remove(): void {
    for (const namespace of [...this.nodes, this.namespace]) execFileSync("ip", ["netns", "delete", namespace]);
  }

  private ip(...commands: string[]): void {
    execFileSync("ip", ["-n", this.namespace, "-batch", "-"], { input: `${commands.join("\n")}\n` });
  }
}
