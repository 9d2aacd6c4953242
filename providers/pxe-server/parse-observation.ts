import { parseIptables } from "./firewall/parse-iptables.js";
import { parseNftables } from "./firewall/parse-nftables.js";
import { parseOsRelease } from "./parse-os-release.js";
import type { Listener, Observation, Service, UnitState } from "./plan.js";

/** Reads what the observation script printed. Unknown lines are ignored; a text that was cut off is an error. */
export function parseObservation(text: string): Observation {
  const seen: Observation = {
    programs: {},
    versions: {},
    interface: false,
    otherInterfaces: [],
    addresses: [],
    ipv6: false,
    files: new Map(),
    units: { dnsmasq: undefined, nginx: undefined },
    listeners: [],
    firewall: { tables: [] },
  };
  const processes = new Map<number, string>();
  const release: string[] = [];
  const iptables: string[] = [];
  let nftables = "";
  const lines = text.split("\n");
  if (!lines.includes("end")) throw new Error("the look at the host was cut off");
  for (const line of lines) {
    const [kind, first = "", second = "", ...rest] = line.split(" ");
    const tail = [second, ...rest].join(" ");
    if (kind === "nft") nftables = line.slice("nft ".length);
    else if (kind === "iptables") iptables.push(line.slice("iptables ".length));
    else if (kind === "firewall" && first === "ufw") seen.firewall.manager = { name: "ufw" };
    else if (kind === "firewall" && first === "firewalld") seen.firewall.manager = { name: "firewalld", zone: second };
    else if (kind === "os") release.push(line.slice("os ".length));
    else if (kind === "unit-directory") seen.unitDirectory = first;
    else if (kind === "program") seen.programs[first] = tail;
    else if (kind === "version") seen.versions[first] = tail;
    else if (kind === "interface") seen.interface = true;
    else if (kind === "other") seen.otherInterfaces.push(first);
    else if (kind === "address") seen.addresses.push(first);
    else if (kind === "ipv6") seen.ipv6 = true;
    else if (kind === "file") seen.files.set(tail, first);
    else if (kind === "due" && (first === "reload" || first === "restart") && isService(second))
      seen.due = { ...seen.due, [second]: first };
    else if (kind === "unit" && isService(first)) seen.units[first] = unitOf(tail);
    else if (kind === "listener") seen.listeners.push(...listenersOf(first, tail));
    else if (kind === "process") processes.set(Number(first), tail);
  }
  const filter = parseIptables(iptables);
  seen.firewall.tables = [
    ...(filter === undefined ? [] : [filter]),
    ...parseNftables(nftables, { iptables: filter !== undefined }),
  ];
  if (release.length > 0) seen.os = parseOsRelease(release.join("\n"));
  for (const listener of seen.listeners) listener.unit = processes.get(listener.pid);
  return seen;
}

const isService = (name: string): name is Service => name === "dnsmasq" || name === "nginx";

/** `1234 active enabled` */
function unitOf(text: string): UnitState | undefined {
  const [pid = "0", active = "", enabled = "missing"] = text.split(" ");
  // systemd 254 and later name a missing unit themselves. One whose file was deleted goes on running: it is ours still.
  if ((enabled === "missing" || enabled === "not-found") && active !== "active") return undefined;
  return { pid: Number(pid), active: active === "active", enabled: enabled === "enabled" };
}

/** `0.0.0.0%eth1:67 users:(("dnsmasq",pid=12,fd=4),("x",pid=13,fd=4))` */
function listenersOf(protocol: string, text: string): Listener[] {
  const [local = "", users = ""] = text.split(" ");
  const at = /^(.*?)(?:%([^:]+))?:(\d+)$/.exec(local);
  if (at === null || (protocol !== "tcp" && protocol !== "udp")) return [];
  const [, address = "", bound, port] = at;
  const owners = [...users.matchAll(/\("([^"]*)",pid=(\d+)/g)].map(([, program = "", pid]) => ({
    program,
    pid: Number(pid),
  }));
  const base = { protocol, address: address.replace(/^\[|\]$/g, ""), device: bound, port: Number(port) } as const;
  return (owners.length === 0 ? [{ program: "another program", pid: 0 }] : owners).map((owner) => ({
    ...base,
    ...owner,
  }));
}
