import { type HostTarget, isLocal, type SshSession } from "../../drivers/ssh/target.js";
import { withDeadline } from "../../foundation/wait.js";
import { type Candidate, parseCandidates } from "./parse-candidates.js";
import { rootOf } from "./schema.js";

/**
 * `$1` Flint's directory, `$2` whether a long list is cut (`cut`) or nothing is written (`look`). Prints who asked to boot: as
 * iPXE told the web server, and as firmware asked the DHCP server (its vendor class begins with PXEClient or HTTPClient, so that
 * no laptop is taken for a machine of the rack), and whose boot scripts are there. What is cut is the list of iPXE's questions,
 * to its end, when it is larger than a megabyte.
 */
export const CANDIDATES = `root=$1
log=$root/log/unknown.log
if [ "$2" = cut ] && [ "$(stat -c %s "$log" 2>/dev/null || echo 0)" -gt 1000000 ]; then
  tail -n 500 "$log" > "$log.end" && cat "$log.end" > "$log"
  rm -f "$log.end"
fi
tail -n 500 "$log" 2>/dev/null | sed 's/^/menu /'
tail -c 2000000 "$root/log/dnsmasq.log" 2>/dev/null | awk '
  / vendor class: (PXE|HTTP)Client/ {
    split($0, words, "Client:Arch:")
    boots[$5] = words[2] == "" ? "unknown" : substr(words[2], 1, 5) + 0
  }
  / DHCPDISCOVER\\(/ && $5 in boots {
    for (i = 6; i <= NF; i++) if ($i ~ /^([0-9a-f][0-9a-f]:)+[0-9a-f][0-9a-f]$/ && length($i) == 17) at[$i] = boots[$5] " " $1 " " $2 " " $3
  }
  END { for (mac in at) print mac, at[mac] }
' | head -n 200 | while read -r mac arch when; do
  time=$(date -d "$when" +%Y-%m-%dT%H:%M:%S%:z 2>/dev/null) && echo "dhcp $mac $time $arch"
done
for script in "$root"/http/nodes/*.ipxe; do
  [ -e "$script" ] || continue
  name=\${script##*/}
  echo "known \${name%.ipxe}"
done
`;

/** Machines that asked to boot on the provisioning network and have no boot script there. */
export async function readCandidates(host: SshSession, cluster: string, signal: AbortSignal): Promise<Candidate[]> {
  return ask(host, cluster, "cut", signal);
}

/** The host has to accept a connection in this time, and to let us in in the next. */
const CONNECT_MS = 2_000;
const LOGIN_MS = 3_000;
/** The longest that a preview waits for all of it. */
const LOOK_MS = 5_000;

/**
 * The same for a preview: over a connection of its own, which is gone when it is over, and without a change on the host.
 * @throws FlintError as `openSsh` does, and where the host does not answer within 5 s.
 */
export async function lookForCandidates(target: HostTarget, cluster: string): Promise<Candidate[]> {
  const look = async (signal: AbortSignal) => {
    if (isLocal(target)) {
      const { openLocal } = await import("../../drivers/local/session.js");
      return ask(await openLocal(target, signal), cluster, "look", signal);
    }
    const { openSsh } = await import("../../drivers/ssh/session.js");
    const host = await openSsh(target, { connectMs: CONNECT_MS, deadlineMs: LOGIN_MS, signal });
    try {
      return await ask(host, cluster, "look", signal);
    } finally {
      host.destroy();
    }
  };
  return withDeadline(look, { reason: `an answer from the ${target.name}`, deadlineMs: LOOK_MS, remedy: "" });
}

async function ask(host: SshSession, cluster: string, how: "cut" | "look", signal: AbortSignal): Promise<Candidate[]> {
  const label = "looking for machines that nobody declared";
  const { stdout } = await host.script(CANDIDATES, [rootOf(cluster), how], { signal, deadlineMs: 30_000, label });
  return parseCandidates(stdout);
}
