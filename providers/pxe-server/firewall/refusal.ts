import { FlintError } from "../../../foundation/errors.js";
import { distributionOf } from "../distribution.js";
import type { OsRelease } from "../parse-os-release.js";
import { portOf } from "../render/nginx.js";
import type { PxeInputs } from "../schema.js";
import { blockedBy, type Packet, type Table } from "./ruleset.js";

/** What one look at the host shows of its firewall. */
export interface FirewallSeen {
  tables: Table[];
  /** What manages the rules, where that is known. */
  manager?: { name: "ufw" } | { name: "firewalld"; zone: string };
}

interface Closed {
  packet: Packet;
  purpose: string;
  by: string;
}

/** What machines need while they boot. A dropped answer to us is no matter of ports: connections are let through everywhere. */
function needed(want: PxeInputs): { packet: Packet; purpose: string }[] {
  const at = (protocol: "udp" | "tcp", port: number, purpose: string) => ({
    packet: { device: want.interface, protocol, port },
    purpose,
  });
  return [
    ...(want.dhcp.mode === "external" ? [] : [at("udp", 67, "DHCP")]),
    at("udp", 69, "TFTP"),
    ...(want.dhcp.mode === "proxy" ? [at("udp", 4011, "ProxyDHCP")] : []),
    at("tcp", portOf(want.httpUrl), "HTTP"),
  ];
}

/**
 * What the firewall certainly drops, with the rule that does it and the commands that open it; undefined when nothing is.
 * Flint changes no firewall: whose rules these are, and which of them come back at the next start, only its owner knows.
 */
export function closedByFirewall(want: PxeInputs, seen: FirewallSeen, os?: OsRelease): FlintError | undefined {
  const closed = needed(want).flatMap(({ packet, purpose }): Closed[] => {
    const by = blockedBy(seen.tables, packet);
    return by === undefined ? [] : [{ packet, purpose, by }];
  });
  const [first] = closed;
  if (first === undefined) return undefined;
  const manager = seen.manager === undefined ? "" : `${seen.manager.name}: `;
  const name = ({ packet, purpose }: Closed) => `${packet.protocol.toUpperCase()} ${packet.port} (${purpose})`;
  return new FlintError("PXE_FIREWALL", {
    subject: `preparation, ${want.host.name}`,
    expected: `${closed.map(name).join(", ")} let in on ${want.interface}`,
    found: `${manager}${[...new Set(closed.map(({ by }) => by))].join("; ")} in the way`,
    remedy: `Open it there: ${opening(want, seen, closed, os)}. Nothing was changed.`,
  });
}

/** Why the answers of other DHCP servers cannot be seen: a broadcast belongs to no connection that a firewall knows. */
export function hidesOffers(want: PxeInputs, seen: FirewallSeen): string | undefined {
  return blockedBy(seen.tables, { device: want.interface, protocol: "udp", port: 68 });
}

function opening(want: PxeInputs, seen: FirewallSeen, closed: readonly Closed[], os: OsRelease | undefined): string {
  const ports = (protocol: "udp" | "tcp") =>
    closed.flatMap(({ packet }) => (packet.protocol === protocol ? [packet.port] : []));
  const each = (render: (protocol: "udp" | "tcp", ports: number[]) => string) =>
    (["udp", "tcp"] as const)
      .filter((protocol) => ports(protocol).length > 0)
      .map((protocol) => `\`${render(protocol, ports(protocol))}\``)
      .join(" and ");
  const device = want.interface;
  if (distributionOf(os) === "nixos") {
    const lists = each((protocol, list) => `allowed${protocol.toUpperCase()}Ports = [ ${list.join(" ")} ];`);
    return `${lists} in networking.firewall.interfaces.${device} of its configuration`;
  }
  if (seen.manager?.name === "ufw") {
    return each((protocol, list) => `ufw allow in on ${device} proto ${protocol} to any port ${list.join(",")}`);
  }
  if (seen.manager?.name === "firewalld") {
    const added = closed.map(({ packet }) => `--add-port=${packet.port}/${packet.protocol}`).join(" ");
    return `\`firewall-cmd --permanent --zone=${seen.manager.zone} ${added}\` and \`firewall-cmd --reload\``;
  }
  const chain = /nftables' (?:.* )?chain (\S+ \S+ \S+)$/.exec(closed[0]?.by ?? "")?.[1];
  if (chain === undefined) {
    const rule = (protocol: string, list: number[]) =>
      `iptables -I INPUT -i ${device} -p ${protocol} -m multiport --dports ${list.join(",")} -j ACCEPT`;
    return `${each(rule)}, and save the rules as that host does`;
  }
  const rule = (protocol: string, list: number[]) =>
    `nft 'insert rule ${chain} iifname "${device}" ${protocol} dport { ${list.join(", ")} } accept'`;
  return `${each(rule)}, and in the file that loads the rules`;
}
