import { Files } from "../files.js";
import type { Ledger } from "../ledger.js";
import type { BootServers } from "../machine/boot-servers.js";
import type { HostFaults } from "./faults.js";
import { fromPool, toldWho } from "./unknown.js";

/** The provisioning host as it is declared. */
export interface HostDescription {
  name: string;
  address: string;
  /** With prefix length, as the interface has it. */
  network: string;
  interface: string;
}

export type ServerName = "dnsmasq" | "nginx";

/** A unit of the host. */
export interface Unit {
  active: boolean;
  enabled: boolean;
  pid: number;
}

/** Where a cluster's files are; one provisioning host serves one or more. */
const ROOTS = "/var/lib/flint";

/** A provisioning host: files, units, and what its servers answer and log. */
export class ProvisioningHost implements BootServers {
  readonly files = new Files();
  readonly units = new Map<string, Unit>();
  private readonly followers = new Set<(line: string) => void>();
  private pids = 100;
  /** By card: addresses of those that nobody registered. */
  private readonly lent = new Map<string, string>();
  /** Whom a magic packet in the provisioning network wakes. */
  wake: (mac: string) => void = () => {};
  /** Those that last; see `RunningHost.upset` for those that happen once. */
  faults: HostFaults = {};

  constructor(
    readonly description: HostDescription,
    readonly ledger: Ledger,
  ) {
    for (const file of ["undionly.kpxe", "snponly.efi", "ipxe.efi"]) this.files.write(`/usr/lib/ipxe/${file}`, file);
  }

  get name(): string {
    return this.description.name;
  }

  /** What its clock shows, in milliseconds since 1970. */
  now(): number {
    return Date.now() + 1000 * (this.faults.clockOff ?? 0);
  }

  /** Follows the servers' logs until the returned function is called. */
  follow(listener: (line: string) => void): () => void {
    this.followers.add(listener);
    return () => this.followers.delete(listener);
  }

  start(unit: string): void {
    const before = this.units.get(unit);
    this.units.set(unit, { enabled: before?.enabled ?? false, active: true, pid: ++this.pids });
  }

  enable(unit: string): void {
    const before = this.units.get(unit) ?? { active: false, pid: 0, enabled: false };
    this.units.set(unit, { ...before, enabled: true });
  }

  /** All units end, as in a shutdown. */
  stopUnits(): void {
    for (const [name, unit] of this.units) this.units.set(name, { ...unit, active: false, pid: 0 });
  }

  /** It has started: what is enabled runs. */
  startEnabled(): void {
    for (const [name, { enabled }] of this.units) if (enabled) this.start(name);
  }

  /** The address that a card is given, and the log that says so. @param taken False: the card takes another server's. */
  dhcp(mac: string, taken = true): string | undefined {
    const cluster = this.serving("dnsmasq");
    if (cluster === undefined) return undefined;
    this.log(`DHCPDISCOVER(${this.description.interface}) ${mac}`);
    const entry = this.files
      .below(`${ROOTS}/${cluster}/dnsmasq/hosts.d`)
      .map((path) => this.files.text(path)?.trim().split(",") ?? [])
      .find(([first]) => first === mac);
    const address = entry?.find((field) => /^\d+\.\d+\.\d+\.\d+$/.test(field)) ?? this.lend(cluster, mac);
    if (address === undefined) return undefined;
    for (const message of taken ? ["OFFER", "REQUEST", "ACK"] : ["OFFER"])
      this.log(`DHCP${message}(${this.description.interface}) ${address} ${mac}`);
    return address;
  }

  private lend(cluster: string, mac: string): string | undefined {
    const address = this.lent.get(mac) ?? fromPool(this.files, `${ROOTS}/${cluster}`, this.lent);
    if (address !== undefined) this.lent.set(mac, address);
    return address;
  }

  /** Whether TFTP sent the file. */
  tftp(address: string, file: string): boolean {
    const cluster = this.serving("dnsmasq");
    const path = `${ROOTS}/${cluster}/tftp/${file}`;
    if (cluster === undefined || this.files.read(path) === undefined) return false;
    this.log(`sent ${path} to ${address}`);
    return true;
  }

  /** What HTTP answers to this address; undefined for anything but 200. */
  http(address: string, path: string): Buffer | undefined {
    const cluster = this.serving("nginx");
    if (cluster === undefined) return undefined;
    const seen = toldWho(this.files, `${ROOTS}/${cluster}`, path, new Date(this.now()));
    if (seen !== undefined) return seen; // in a log of its own
    const mine = !path.startsWith("/keys/") || path.startsWith(`/keys/${address}/`);
    const content = mine ? this.files.read(`${ROOTS}/${cluster}/http${path}`) : undefined;
    const status = content === undefined ? 404 : 200;
    const bytes = content?.length ?? 0;
    this.log(JSON.stringify({ ip: address, uri: path, status, bytes }));
    return content;
  }

  /** A transfer that is under way, as `ss` shows it: so much of the file is acknowledged. */
  sends(address: string, path: string, part: number): void {
    const size = this.files.read(`${ROOTS}/${this.serving("nginx")}/http${path}`)?.length ?? 0;
    const { address: own } = this.description;
    this.log(`ss ESTAB 0 0 ${own}:80 ${address}:49152 cubic bytes_acked:${Math.floor(size * part)}`);
  }

  /** The cluster whose server of this kind runs. */
  private serving(server: ServerName): string | undefined {
    for (const [unit, { active }] of this.units) {
      const cluster = /^flint-(.*)-(dnsmasq|nginx)\.service$/.exec(unit);
      if (active && cluster?.[2] === server) return cluster[1];
    }
    return undefined;
  }

  private log(line: string): void {
    // As the real ones do, and by its own clock.
    const at = new Date(this.now());
    const stamped = line.startsWith("{")
      ? `{"t":"${at.toISOString()}","msec":${at.getTime() / 1000},${line.slice(1)}`
      : line.startsWith("ss ")
        ? line
        : `${at.toUTCString().slice(8, 11)} ${at.toISOString().slice(8, 10)} ${at.toISOString().slice(11, 19)} ${line}`;
    for (const follower of this.followers) follower(stamped);
  }
}
