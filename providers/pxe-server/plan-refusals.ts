import { FlintError } from "../../foundation/errors.js";
import { howToInstall } from "./distribution.js";
import { closedByFirewall } from "./firewall/refusal.js";
import { copies, type Listener, type Observation, sourceOf } from "./plan.js";
import { portOf } from "./render/nginx.js";
import type { PxeInputs } from "./schema.js";

/** Why nothing can be set up on this host, all that can be known from one look; undefined when nothing is in the way. */
export function refusal(want: PxeInputs, seen: Observation): FlintError | undefined {
  return (
    missingPrograms(want, seen) ??
    wrongInterface(want, seen) ??
    occupiedPorts(want, seen) ??
    closedByFirewall(want, seen.firewall, seen.os)
  );
}

function missingPrograms(want: PxeInputs, seen: Observation): FlintError | undefined {
  const programs = (["dnsmasq", "nginx", "ip", "curl", "systemctl"] as const).filter(
    (name) => seen.programs[name] === undefined,
  );
  const absent = copies(want.cluster).filter((copy) => sourceOf(copy, seen) === undefined);
  const files = [...new Set(absent.map(({ from }) => from[0]))];
  if (programs.length + files.length === 0) return undefined;
  const on = seen.os === undefined ? "" : ` on ${seen.os.name}`;
  return new FlintError("PXE_HOST_INCOMPLETE", {
    subject: `preparation, ${want.host.name}`,
    expected: "systemd, dnsmasq, nginx, curl, iproute2 and iPXE's boot files",
    found: `${[...programs, ...files].join(", ")} missing${on}`,
    remedy: programs.includes("systemctl")
      ? "Flint's servers are units of systemd: let Flint use a host that runs it."
      : howToInstall(seen.os),
  });
}

function wrongInterface(want: PxeInputs, seen: Observation): FlintError | undefined {
  const has = seen.addresses.some((address) => address.split("/")[0] === want.address);
  if (seen.interface && has) return undefined;
  const found = seen.interface
    ? `${want.interface} with ${seen.addresses.join(", ") || "no address"}`
    : `no interface ${want.interface}, only ${seen.otherInterfaces.join(", ")}`;
  return new FlintError("PXE_INTERFACE", {
    subject: `preparation, ${want.host.name}`,
    expected: `interface ${want.interface} with address ${want.address}`,
    found,
    remedy: "Correct pxe.interface and pxe.address, or configure the interface on the host.",
  });
}

const PURPOSE: Record<string, string> = {
  "udp 67": "DHCP",
  "udp 69": "TFTP",
  "udp 4011": "ProxyDHCP",
};

function occupiedPorts(want: PxeInputs, seen: Observation): FlintError | undefined {
  const own = [seen.units.dnsmasq?.pid, seen.units.nginx?.pid].filter((pid) => pid !== undefined && pid > 0);
  // nginx's workers share the socket of the master: one own process makes all of them ours.
  const ours = new Set(seen.listeners.filter((each) => own.includes(each.pid)).map(socketOf));
  const blocking = seen.listeners.filter((each) => inTheWay(want, each) && !ours.has(socketOf(each)));
  // A program and the processes that it started share a socket: the first of them stands for all.
  const foreign = blocking.filter((each) => !blocking.some((other) => sameOwner(each, other) && other.pid < each.pid));
  const [first] = foreign;
  if (first === undefined) return undefined;
  const units = [...new Set(foreign.map(({ unit }) => unit).filter((unit) => unit?.endsWith(".service")))];
  return new FlintError("PXE_PORT_OCCUPIED", {
    subject: `preparation, ${want.host.name}`,
    expected: `${[...new Set(foreign.map((each) => portName(each)))].join(", ")} free on ${want.address}`,
    found: [...new Set(foreign.map(ownerOf))].join("; "),
    remedy:
      units.length > 0
        ? `Stop it there: \`systemctl disable --now ${units.join(" ")}\`, or let Flint use another host.`
        : "Stop it there, or let Flint use another host.",
  });
}

function inTheWay(want: PxeInputs, each: Listener): boolean {
  // Another DHCP server may even be on this host, where ours gives out nothing.
  const udp = want.dhcp.mode === "external" ? [69] : [67, 69, 4011];
  const ports = each.protocol === "tcp" ? [portOf(want.httpUrl)] : udp;
  if (!ports.includes(each.port)) return false;
  // Another dnsmasq on another interface (libvirt's, for example) is nobody's business.
  if (each.device !== undefined && each.device !== want.interface) return false;
  return ["0.0.0.0", "::", "*", want.address].includes(each.address);
}

function sameOwner(one: Listener, other: Listener): boolean {
  const key = ({ program, unit, protocol, port }: Listener) => `${program} ${unit} ${protocol} ${port}`;
  return key(one) === key(other);
}

function socketOf({ protocol, address, device, port }: Listener): string {
  return `${protocol} ${address} ${device ?? ""} ${port}`;
}

function portName({ protocol, port }: Listener): string {
  return `${protocol.toUpperCase()} port ${port} (${PURPOSE[`${protocol} ${port}`] ?? "HTTP"})`;
}

function ownerOf({ program, pid, unit, protocol, port }: Listener): string {
  const process = pid === 0 ? "" : `, process ${pid}${unit === undefined || unit === "" ? "" : ` of ${unit}`}`;
  return `${program} on ${protocol.toUpperCase()} port ${port}${process}`;
}
