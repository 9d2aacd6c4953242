import { existsSync } from "node:fs";
import { execa } from "execa";
import ipaddr from "ipaddr.js";
import { FlintError } from "../../foundation/errors.js";
import type { Layout } from "./layout.js";
import type { Rack } from "./schema.js";

/** Bridge of each network inside the rack's namespace. */
export const BRIDGES = { provisioning: "prov", cluster: "clus" } as const;

/** Tap of a machine's card: at most 15 characters, whatever the machine is called. */
export function tapName(machineNumber: number, network: keyof typeof BRIDGES): string {
  return `${network === "provisioning" ? "p" : "c"}tap${machineNumber}`;
}

/**
 * argv that runs a command in the rack's network. `ip netns exec` would also remount /sys, where systemd-nspawn then
 * misses the cgroups.
 */
export function inNamespace(layout: Layout, command: readonly string[]): [string, string[]] {
  return ["nsenter", [`--net=${layout.namespaceFile}`, "--", ...command]];
}

/** Makes namespace, bridges, operator's addresses and taps, as far as they are missing. Answers how many were. */
export async function ensureNetwork(layout: Layout, rack: Rack): Promise<number> {
  let made = 0;
  if (!existsSync(layout.namespaceFile)) {
    await ip(["netns", "add", layout.namespace]);
    made += 1;
  }
  await refuseForeignNamespace(layout);
  const present = new Set(await links(layout));
  const commands = [`link set lo up alias "${layout.dir}"`];
  for (const network of ["provisioning", "cluster"] as const) {
    const bridge = BRIDGES[network];
    const { cidr, operator } = rack.networks[network];
    const prefix = ipaddr.IPv4.parseCIDR(cidr)[1];
    // Without spanning tree a port forwards at once; firmware would spend its first DHCP requests on the delay.
    if (!present.has(bridge))
      commands.push(`link add ${bridge} type bridge stp_state 0 forward_delay 0 mcast_snooping 0`);
    commands.push(`link set ${bridge} up`, `addr replace ${operator}/${prefix} dev ${bridge}`);
    if (network === "provisioning") {
      for (const { bmc } of rack.machines) commands.push(`addr replace ${bmc}/${prefix} dev ${bridge}`);
    }
    for (const { number } of rack.machines) {
      const tap = tapName(number, network);
      if (!present.has(tap)) commands.push(`tuntap add dev ${tap} mode tap`);
      commands.push(`link set ${tap} master ${bridge} up`);
    }
  }
  made += commands.filter((command) => / add /.test(command)).length;
  await ip(["-n", layout.namespace, "-batch", "-"], `${commands.join("\n")}\n`);
  return made;
}

/** Removes a dead container's end of its cable, which the kernel does not do at once. */
export async function removeContainerLinks(layout: Layout): Promise<void> {
  for (const link of (await links(layout)).filter((name) => name.startsWith("vb-"))) {
    await ip(["-n", layout.namespace, "link", "delete", link]).catch(() => {}); // the kernel was faster
  }
}

export async function removeNetwork(layout: Layout): Promise<boolean> {
  if (!existsSync(layout.namespaceFile)) return false;
  await refuseForeignNamespace(layout);
  await ip(["netns", "delete", layout.namespace]);
  return true;
}

/** Another checkout may have a rack of the same name up: its namespace is not ours to change. */
async function refuseForeignNamespace(layout: Layout): Promise<void> {
  const owner = await namespaceOwner(layout);
  if (owner === undefined || owner === layout.dir) return;
  throw new FlintError("RACK_NAME_TAKEN", {
    subject: `network namespace ${layout.namespace}`,
    expected: `one of ${layout.dir}`,
    found: `the rack of ${owner}`,
    remedy: `Take that rack down there ("npm run rack -- down"), or give yours another name.`,
  });
}

/** The directory of the rack that a namespace belongs to, written on its loopback device; undefined when half-made. */
export async function namespaceOwner(layout: Layout): Promise<string | undefined> {
  const { stdout } = await ip(["-n", layout.namespace, "-o", "link", "show", "dev", "lo"]);
  return stdout.match(/alias (.+?)\s*$/)?.[1];
}

async function links(layout: Layout): Promise<string[]> {
  const { stdout } = await ip(["-n", layout.namespace, "-o", "link", "show"]);
  return stdout.split("\n").flatMap((line) => line.match(/^\d+: ([^:@]+)/)?.[1] ?? []);
}

function ip(args: string[], input?: string) {
  return execa("ip", args, { timeout: 40_000, ...(input === undefined ? { stdin: "ignore" } : { input }) });
}
