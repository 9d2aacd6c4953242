import type { SshSession } from "../../drivers/ssh/target.js";
import type { StoredNode } from "./schema.js";

/**
 * Arguments: the lease file, the address, the card that shall have it, and the DHCP server's unit. dnsmasq keeps a reserved
 * address for the card that had it, for good, and gives another card one from the pool instead, whatever its entry says
 * (dnsmasq's log: "not using configured address because it is leased to"). A lease is dropped only while it does not run.
 */
export const FORGET_LEASE = `set -eu
leases=$1 address=$2 mac=$3 unit=$4
# Lines are: expiry, card, address, name, client id.
others() { [ -f "$leases" ] && awk -v a="$address" -v m="$mac" '$3 == a && tolower($2) != m { found = 1 } END { exit !found }' "$leases"; }
others || exit 0
exec 9> "$leases.lock"
flock 9
others || exit 0
# Whatever ends this script, the server runs afterwards.
trap 'systemctl start "$unit"' EXIT
trap 'exit 1' HUP INT TERM
systemctl stop "$unit"
awk -v a="$address" -v m="$mac" '!($3 == a && tolower($2) != m)' "$leases" > "$leases.new"
cat "$leases.new" > "$leases"
rm -f "$leases.new"
`;

/** Takes the node's address from a card that had it before: another machine stands in its place now. */
export async function forgetOthersLease(host: SshSession, want: StoredNode): Promise<void> {
  const { cluster, pxe, addresses, mac } = want;
  await host.script(
    FORGET_LEASE,
    [`${pxe.root}/dnsmasq/leases`, addresses.provisioning, mac, `flint-${cluster}-dnsmasq.service`],
    { deadlineMs: 60_000, label: "release of the address from another card" },
  );
}
