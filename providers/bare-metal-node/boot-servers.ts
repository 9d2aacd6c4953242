import { placeOf } from "../../drivers/ssh/place.js";
import type { SshSession } from "../../drivers/ssh/target.js";
import { FlintError, isFlintError } from "../../foundation/errors.js";
import { gather } from "../runtime/fleet.js";
import type { NodeContext } from "./context.js";
import type { StoredNode } from "./schema.js";

/**
 * Arguments: the lease file, and units. Starts those that do not run, and prints their names. The lock is that of `FORGET_LEASE`,
 * for which the DHCP server is stopped for a moment.
 */
export const START_SERVERS = `set -eu
leases=$1; shift
for unit; do
  if systemctl is-active --quiet -- "$unit"; then continue; fi
  exec 9> "$leases.lock"
  flock 9
  if systemctl is-active --quiet -- "$unit"; then continue; fi
  systemctl start -- "$unit"
  echo "$unit"
done
`;

interface Start {
  host: SshSession;
  argv: string[];
  signal: AbortSignal;
}

/** Machines that are switched on together need the same servers: one looks for all of them, and tells. */
const startTogether = gather(
  async ([by]: Start[]): Promise<{ by: Start | undefined; units: string[] }> => {
    if (by === undefined) return { by, units: [] };
    const { host, argv, signal } = by;
    const { stdout } = await host.script(START_SERVERS, argv, { label: "start of the boot servers", signal });
    return { by, units: stdout.split("\n").filter((line) => line !== "") };
  },
  { windowMs: 50, keyOf: ({ host, argv }) => `${placeOf(host.target)} ${argv.join(" ")}` },
);

/**
 * Whatever ended the servers since they were set up, as a host that came back without them: no machine would boot.
 * @param patienceMs For how long a host that is away is waited for. Default 5 min.
 * @returns the units that did not run; they do now.
 * @throws FlintError `PXE_SERVICE`, and `SSH_UNREACHABLE`, `SSH_CONNECTION_LOST` of the host.
 */
export async function startBootServers(node: NodeContext<StoredNode>, patienceMs?: number): Promise<string[]> {
  const { cluster, name, pxe } = node.want;
  const host = await node.host(patienceMs);
  const units = ["dnsmasq", "nginx"].map((server) => `flint-${cluster}-${server}.service`);
  const start: Start = { host, argv: [`${pxe.root}/dnsmasq/leases`, ...units], signal: node.signal };
  const started = await startTogether(start).catch((error: unknown) => {
    if (!isFlintError(error, "SSH_COMMAND")) throw error;
    throw new FlintError("PXE_SERVICE", {
      subject: `${name}, boot servers on ${host.target.name}`,
      expected: `${units.join(" and ")} to run`,
      found: error.found,
      remedy: "Run `pulumi refresh`, then `pulumi up`: it sets them up again. Nothing was powered on or written.",
      cause: error,
    });
  });
  if (started.by === start && started.units.length > 0)
    node.run.warn(`${started.units.join(" and ")} did not run on ${host.target.name}: started. See the journal there.`);
  return started.units;
}
