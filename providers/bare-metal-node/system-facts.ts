import { z } from "zod";
import type { SshSession } from "../../drivers/ssh/target.js";

/** What an installed system says of itself. */
export interface SystemFacts {
  bootId: string;
  /** Store path that `/run/current-system` points to. */
  toplevel: string;
  /** True when kernel, initrd or kernel parameters of the current system are not the booted ones. */
  rebootNeeded: boolean;
  machineSerial: string;
  /** As the kernel prints it; empty where the firmware has none. */
  machineUuid: string;
  /** A switch to another system runs on the node: begun by somebody who may not follow it any more. */
  switching: boolean;
  /** Services run with secrets that were replaced since: a run ended before it could restart them. */
  unread: boolean;
  /** The node has not said yet whether it stays with the system that it started. */
  onTrial: boolean;
  /** The system that did not become healthy, at a switch or a start, and from which the machine went back by itself. */
  rolledBack?: { system: string; reason: string };
  /** `cluster/node mark` as declared when it was built; undefined on a system that is not Flint's. */
  cluster?: string;
  node?: string;
  mark?: string;
  /** SHA-256 by path. */
  digests: Record<string, string>;
}

/**
 * Services read their secrets when they start: this file is there from before the first of them is replaced until all have been
 * restarted. Below /run, because a restart of the machine does the same.
 */
export const UNREAD = "/run/flint/unread-secrets";

/** Reads only. Arguments: the files whose digests are wanted. */
export const FACTS_SCRIPT = `
section() { printf '\\n=== %s\\n' "$1"; }
section boot-id; cat /proc/sys/kernel/random/boot_id
section toplevel; if [ -e /run/current-system ]; then readlink -f /run/current-system; fi
section serial; cat /sys/class/dmi/id/product_serial 2>/dev/null || :
section uuid; cat /sys/class/dmi/id/product_uuid 2>/dev/null || :
section rolled-back; cat /var/lib/flint/rolled-back.json 2>/dev/null || :
section switch; systemctl list-units --plain --no-legend flint-switch.service 2>/dev/null || :
section trial; systemctl show --property=Job,ActiveState flint-boot-check.service 2>/dev/null || :
section unread; if [ -e ${UNREAD} ]; then echo yes; fi
section node; cat /etc/flint/node.json 2>/dev/null || :
section reboot
for part in kernel initrd kernel-params; do
  if [ -f "/run/booted-system/$part" ] && ! cmp -s "/run/booted-system/$part" "/run/current-system/$part"; then echo "$part"; fi
done
section digests; sha256sum "$@" 2>/dev/null || :
`;

const nodeSchema = z.object({
  cluster: z.union([z.string(), z.object({ name: z.string() }).transform((value) => value.name)]),
  name: z.string(),
  disk: z.object({ mark: z.string() }),
});

const rolledBackSchema = z.object({ system: z.string(), reason: z.string() });

export async function readSystemFacts(
  session: SshSession,
  paths: readonly string[],
  signal?: AbortSignal,
): Promise<SystemFacts> {
  const { stdout } = await session.script(FACTS_SCRIPT, paths, {
    label: "look at the system",
    deadlineMs: 90_000, // it may be starting its services, on a processor that has little to give
    signal,
  });
  return parseSystemFacts(stdout);
}

export function parseSystemFacts(output: string): SystemFacts {
  const sections = new Map<string, string>();
  for (const chunk of output.split(/^=== /m).slice(1)) {
    const end = chunk.indexOf("\n");
    sections.set(chunk.slice(0, end).trim(), chunk.slice(end + 1).trim());
  }
  const node = nodeSchema.safeParse(jsonOrUndefined(sections.get("node") ?? ""));
  const rolledBack = rolledBackSchema.safeParse(jsonOrUndefined(sections.get("rolled-back") ?? ""));
  const digests: Record<string, string> = {};
  for (const line of (sections.get("digests") ?? "").split("\n")) {
    const match = /^([0-9a-f]{64})\s+\*?(\/.*)$/.exec(line);
    if (match?.[1] && match[2]) digests[match[2]] = match[1];
  }
  return {
    bootId: sections.get("boot-id") ?? "",
    toplevel: sections.get("toplevel") ?? "",
    rebootNeeded: (sections.get("reboot") ?? "") !== "",
    machineSerial: sections.get("serial") ?? "",
    machineUuid: sections.get("uuid")?.toLowerCase() ?? "",
    digests,
    switching: (sections.get("switch") ?? "") !== "",
    unread: (sections.get("unread") ?? "") !== "",
    // Waiting for its turn in the start, at work, or about to restart into the system before it.
    onTrial: /^(Job=[1-9]|ActiveState=(activating|deactivating|failed))/m.test(sections.get("trial") ?? ""),
    ...(rolledBack.success ? { rolledBack: rolledBack.data } : {}),
    ...(node.success ? { cluster: node.data.cluster, node: node.data.name, mark: node.data.disk.mark } : {}),
  };
}

function jsonOrUndefined(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
