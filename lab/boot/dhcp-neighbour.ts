import { chmodSync, copyFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { waitUntil } from "../../foundation/wait.js";
import type { Wire } from "./wire.js";

/** A server beside ours: the network's own DHCP server, or a relay. */
export interface Neighbour {
  close(): Promise<void>;
}

/**
 * A copy of a packaged server: AppArmor keeps one at its own path to its packaged configuration, and ours is elsewhere.
 *
 * @returns Path of the copy, in `dir`.
 */
export function copyOf(program: "dhcpd" | "kea-dhcp4", dir: string): string {
  const copy = join(dir, program);
  copyFileSync(`/usr/sbin/${program}`, copy);
  chmodSync(copy, 0o755);
  return copy;
}

/** dnsmasq with these options, without any of its own. */
export function startDnsmasq(wire: Wire, host: string, ...options: string[]): Promise<Neighbour> {
  return start(wire, host, "started", (dir) => [
    ...["dnsmasq", "--keep-in-foreground", "--conf-file=/dev/null", "--port=0", "--log-dhcp", "--log-facility=-"],
    ...["--user=root", "--pid-file", `--dhcp-leasefile=${join(dir, "leases")}`, ...options],
  ]);
}

/** ISC's dhcpd on one interface. */
export function startDhcpd(wire: Wire, host: string, networkInterface: string, config: string): Promise<Neighbour> {
  return start(wire, host, "Server starting service", (dir) => {
    for (const [name, text] of Object.entries({ config, leases: "" })) writeFileSync(join(dir, name), text);
    const files = ["-cf", join(dir, "config"), "-lf", join(dir, "leases"), "-pf", join(dir, "pid")];
    return [copyOf("dhcpd", dir), "-4", "-f", "-d", ...files, networkInterface];
  });
}

/** Kea's DHCPv4 server. */
export function startKea(wire: Wire, host: string, config: string): Promise<Neighbour> {
  return start(wire, host, "DHCP4_STARTED", (dir) => {
    writeFileSync(join(dir, "config"), config);
    return [
      "env",
      `KEA_PIDFILE_DIR=${dir}`,
      `KEA_LOCKFILE_DIR=${dir}`,
      copyOf("kea-dhcp4", dir),
      "-c",
      join(dir, "config"),
    ];
  });
}

async function start(wire: Wire, host: string, ready: string, command: (dir: string) => string[]): Promise<Neighbour> {
  const dir = mkdtempSync(join(tmpdir(), "flint-neighbour-"));
  const argv = command(dir);
  const [program, args] = wire.on(host, argv);
  const env = { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/sbin` };
  const running = execa(program, args, { reject: false, env, stdin: "ignore", all: true });
  let log = "";
  running.all.on("data", (text: Buffer) => {
    log += text.toString();
  });
  const close = async () => {
    running.kill("SIGTERM");
    await running;
    rmSync(dir, { recursive: true });
  };
  await waitUntil(async () => log.includes(ready), {
    reason: `${argv[0]} on ${host} to start`,
    deadlineMs: 60_000,
    intervalMs: 50,
    lastSeen: () => log,
    remedy: "Read what it says.",
  }).catch(async (error: unknown) => {
    await close();
    throw error;
  });
  return { close };
}
