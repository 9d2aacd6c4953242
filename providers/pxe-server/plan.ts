import { createHash } from "node:crypto";
import { IPXE_FILES } from "./distribution.js";
import type { FirewallSeen } from "./firewall/refusal.js";
import type { OsRelease } from "./parse-os-release.js";
import { ARM64 } from "./render/boot-files.js";
import { renderAutoexec, renderBootIpxe } from "./render/boot-ipxe.js";
import { dhcpOptionsPath, type HostTraits, renderDhcpOptions, renderDnsmasq } from "./render/dnsmasq.js";
import { renderNginx } from "./render/nginx.js";
import { type Programs, renderDnsmasqUnit, renderNginxUnit, unitName } from "./render/unit.js";
import { type PxeInputs, rootOf } from "./schema.js";

export type Service = "dnsmasq" | "nginx";

export interface UnitState {
  pid: number;
  active: boolean;
  enabled: boolean;
}

/** A socket that a program listens on. */
export interface Listener {
  protocol: "tcp" | "udp";
  address: string;
  /** Set when the socket serves one interface only. */
  device: string | undefined;
  port: number;
  program: string;
  pid: number;
  /** systemd unit of the program. */
  unit?: string;
}

/** Where units go: a host that keeps the first read-only (NixOS) may let the second be written. */
export const UNIT_DIRECTORIES = ["/etc/systemd/system", "/etc/systemd/system.attached"] as const;

/** What one look at the host showed. */
export interface Observation {
  /** What the host is; undefined where it does not say. */
  os?: OsRelease;
  /** Where this host takes units. Default: the first of UNIT_DIRECTORIES. */
  unitDirectory?: string;
  /** Program → path. */
  programs: Record<string, string>;
  versions: Record<string, string>;
  /** The declared interface exists. */
  interface: boolean;
  /** Interfaces that exist, when the declared one does not. */
  otherInterfaces: string[];
  /** Addresses of the declared interface, with prefix length. */
  addresses: string[];
  ipv6: boolean;
  /** Path → sha256. */
  files: Map<string, string>;
  units: Record<Service, UnitState | undefined>;
  /** What an earlier run was to do after it had put files in place, and did not come to. */
  due?: Partial<Record<Service, "reload" | "restart">>;
  listeners: Listener[];
  firewall: FirewallSeen;
}

/** A file that has this text. */
export interface TextFile {
  path: string;
  text: string;
  /** The service that uses it, and what makes the service take it. */
  used?: { by: Service; after: "reload" | "restart" };
}

/** A boot file that is copied out of the host's iPXE. */
export interface BootFileCopy {
  /** Where it may be; the first that is there counts. */
  from: readonly string[];
  to: string;
}

export function copies(cluster: string): BootFileCopy[] {
  const root = rootOf(cluster);
  return [
    { from: IPXE_FILES["undionly.kpxe"], to: `${root}/tftp/undionly.kpxe` },
    { from: IPXE_FILES["snponly.efi"], to: `${root}/tftp/snponly.efi` },
    { from: IPXE_FILES["ipxe.efi"], to: `${root}/tftp/ipxe.efi` },
    { from: IPXE_FILES["snponly.efi"], to: `${root}/http/boot/snponly.efi` },
    { from: IPXE_FILES["ipxe.efi"], to: `${root}/http/boot/ipxe.efi` },
  ];
}

/** What is copied only where the host has it. */
export function optionalCopies(cluster: string): BootFileCopy[] {
  const root = rootOf(cluster);
  const from = IPXE_FILES[ARM64.file];
  return [
    { from, to: `${root}/tftp/${ARM64.file}` },
    { from, to: `${root}/http/boot/${ARM64.file}` },
  ];
}

/** The host's own file that a copy is made of. */
export function sourceOf({ from }: BootFileCopy, { files }: Pick<Observation, "files">): string | undefined {
  return from.find((path) => files.has(path));
}

/** What of the host its configuration depends on. */
export function traitsOf(seen: Pick<Observation, "ipv6" | "files">, cluster: string): HostTraits {
  return { ipv6: seen.ipv6, arm64: optionalCopies(cluster).every((copy) => sourceOf(copy, seen) !== undefined) };
}

/** Directories that others put their files into. */
export function directories(cluster: string): string[] {
  const root = rootOf(cluster);
  return [
    "http/nodes",
    "http/keys",
    "http/images",
    "http/boot",
    "tftp",
    "dnsmasq/hosts.d",
    "nginx",
    "images",
    "log",
  ].map((name) => `${root}/${name}`);
}

/** Every text file that the host must have. */
export function texts(want: PxeInputs, programs: Programs, host: HostTraits & { unitDirectory?: string }): TextFile[] {
  const root = rootOf(want.cluster);
  return [
    { path: `${root}/http/boot.ipxe`, text: renderBootIpxe(want) },
    { path: `${root}/tftp/autoexec.ipxe`, text: renderAutoexec(want) },
    {
      path: `${root}/dnsmasq/dnsmasq.conf`,
      text: renderDnsmasq(want, host),
      used: { by: "dnsmasq", after: "restart" },
    },
    ...(want.dhcp.mode === "full" ? [dhcpOptions(want)] : []),
    { path: `${root}/nginx/nginx.conf`, text: renderNginx(want), used: { by: "nginx", after: "reload" } },
    {
      path: unitPath(want.cluster, "dnsmasq", host.unitDirectory),
      text: renderDnsmasqUnit(want, programs, host),
      used: { by: "dnsmasq", after: "restart" },
    },
    {
      path: unitPath(want.cluster, "nginx", host.unitDirectory),
      text: renderNginxUnit(want, programs),
      used: { by: "nginx", after: "restart" },
    },
  ];
}

function dhcpOptions(want: PxeInputs): TextFile {
  const used = { by: "dnsmasq", after: "reload" } as const;
  return { path: dhcpOptionsPath(want.cluster), text: renderDhcpOptions(want), used };
}

/** Paths whose digest the plan needs. */
export function watchedFiles(cluster: string): string[] {
  const root = rootOf(cluster);
  const own = ["http/boot.ipxe", "tftp/autoexec.ipxe", "dnsmasq/dnsmasq.conf", "nginx/nginx.conf"];
  return [
    ...new Set([...copies(cluster), ...optionalCopies(cluster)].flatMap(({ from, to }) => [...from, to])),
    ...own.map((name) => `${root}/${name}`),
    dhcpOptionsPath(cluster),
    ...UNIT_DIRECTORIES.flatMap((directory) => [
      unitPath(cluster, "dnsmasq", directory),
      unitPath(cluster, "nginx", directory),
    ]),
  ];
}

/** Notes which service has still to read files that are in place. */
export function duePath(cluster: string): string {
  return `${rootOf(cluster)}/dnsmasq/due`;
}

export function unitPath(cluster: string, service: Service, directory: string = UNIT_DIRECTORIES[0]): string {
  return `${directory}/${unitName(cluster, service)}`;
}

export type Step =
  | { kind: "write"; file: TextFile; reason: "missing" | "changed" }
  | { kind: "copy"; from: string; to: string; reason: "missing" | "changed" }
  | { kind: "enable"; service: Service; reason: "not enabled" }
  | { kind: "start" | "restart" | "reload"; service: Service; reason: string };

/** What is missing on the host, in the order in which it is done. Nothing to do: an empty list. */
export function planPxe(want: PxeInputs, seen: Observation): Step[] {
  const { dnsmasq = "", nginx = "", ip = "", kill } = seen.programs;
  const programs = { dnsmasq, nginx, ip, ...(kill === undefined ? {} : { kill }) };
  const traits = { ...seen, ...traitsOf(seen, want.cluster) };
  const writes = texts(want, programs, traits).flatMap((file): Step[] => {
    const reason = differs(seen.files.get(file.path), digest(file.text));
    return reason === undefined ? [] : [{ kind: "write", file, reason }];
  });
  const there = optionalCopies(want.cluster).filter((copy) => sourceOf(copy, seen) !== undefined);
  const copied = [...copies(want.cluster), ...there].flatMap((copy): Step[] => {
    const from = sourceOf(copy, seen) ?? copy.from[0] ?? "";
    const reason = differs(seen.files.get(copy.to), seen.files.get(from));
    return reason === undefined ? [] : [{ kind: "copy", from, to: copy.to, reason }];
  });
  const services = (["nginx", "dnsmasq"] as const).flatMap((service) => serviceSteps(service, seen, writes));
  return [...writes, ...copied, ...services];
}

const UNREAD = "it was not told of its new files";

function serviceSteps(service: Service, seen: Observation, writes: readonly Step[]): Step[] {
  const unit = seen.units[service];
  const enable: Step[] = unit?.enabled === true ? [] : [{ kind: "enable", service, reason: "not enabled" }];
  if (unit?.active !== true) return [...enable, { kind: "start", service, reason: "not running" }];
  const changed = writes.flatMap((step) =>
    step.kind === "write" && step.file.used?.by === service
      ? [{ after: step.file.used.after, name: step.file.path.split("/").at(-1) }]
      : [],
  );
  const due = seen.due?.[service];
  if (due !== undefined) changed.push({ after: due, name: UNREAD });
  const heaviest = changed.find(({ after }) => after === "restart") ?? changed[0];
  if (heaviest === undefined) return enable;
  const reason = heaviest.name === UNREAD ? UNREAD : `${heaviest.name} changed`;
  return [...enable, { kind: heaviest.after, service, reason }];
}

/** One line per step, for the user and for drift. */
export function describe(step: Step): string {
  switch (step.kind) {
    case "write":
      return `${step.file.path} ${step.reason}`;
    case "copy":
      return `${step.to} ${step.reason}`;
    default:
      return `${step.service}: ${step.kind}, ${step.reason}`;
  }
}

export function digest(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

function differs(found: string | undefined, expected: string | undefined): "missing" | "changed" | undefined {
  if (found === undefined) return "missing";
  return found === expected ? undefined : "changed";
}
