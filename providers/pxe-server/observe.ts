import { quote } from "../../drivers/ssh/quote.js";
import type { SshSession } from "../../drivers/ssh/target.js";
import { parseObservation } from "./parse-observation.js";
import type { Observation } from "./plan.js";

/**
 * One look at the host, reads only: `$1` interface, `$2` unit prefix, the other arguments are files to digest. One
 * line per fact, fields separated by blanks; the last field may contain blanks.
 */
export const OBSERVE = `export PATH="$PATH:/usr/sbin:/sbin" LC_ALL=C
interface=$1; prefix=$2; shift 2
for release in /etc/os-release /usr/lib/os-release; do
  [ -r "$release" ] && sed 's/^/os /' "$release" && break
done
[ -w /etc/systemd/system ] || { [ -w /etc/systemd ] && echo "unit-directory /etc/systemd/system.attached"; }
for program in dnsmasq nginx ip curl perl systemctl; do
  path=$(command -v "$program") && echo "program $program $path"
done
for path in /bin/kill /run/current-system/sw/bin/kill; do
  [ -x "$path" ] && echo "program kill $path" && break
done
dnsmasq --version 2>/dev/null | sed -n '1s/^Dnsmasq version \\([^ ]*\\).*/version dnsmasq \\1/p'
nginx -v 2>&1 | sed -n 's/^nginx version: nginx.\\([^ ]*\\).*/version nginx \\1/p'
if [ -e "/sys/class/net/$interface" ]; then
  echo "interface $interface"
  ip -o -4 addr show dev "$interface" | awk '{print "address", $4}'
  [ "$(cat "/proc/sys/net/ipv6/conf/$interface/disable_ipv6" 2>/dev/null)" = 0 ] && echo "ipv6 yes"
else
  for other in /sys/class/net/*; do echo "other \${other##*/}"; done
fi
for file in "$@"; do
  [ -f "$file" ] && echo "file $(sha256sum < "$file" | cut -c 1-64) $file"
done
[ -f "$DUE" ] && sed 's/^/due /' "$DUE"
for service in dnsmasq nginx; do
  unit=$prefix-$service.service
  if [ -L "/etc/systemd/system.attached/multi-user.target.wants/$unit" ]; then enabled=enabled
  else enabled=$(systemctl is-enabled "$unit" 2>/dev/null || echo missing); fi
  echo "unit $service $(systemctl show -p MainPID --value "$unit") $(systemctl is-active "$unit") $enabled"
done
for line in tcp udp; do
  ss -H -l -n -p "--$line" | while read -r state recv send local peer users; do
    case $local in
      *:67|*:69|*:80|*:4011|*:"$HTTP_PORT") echo "listener $line $local $users" ;;
    esac
  done
done
ss -H -l -n -p -u -t | grep -o 'pid=[0-9]*' | sort -u | while IFS== read -r _ pid; do
  cgroup=$(sed -n '$s,.*/,,p' "/proc/$pid/cgroup" 2>/dev/null) && echo "process $pid $cgroup"
done
ruleset=$(nft -j list ruleset 2>/dev/null | tr -d '\\n') && [ -n "$ruleset" ] && printf 'nft %s\\n' "$ruleset"
iptables-save 2>/dev/null | sed -n '/^[*:-]/s/^/iptables /p'
ufw status 2>/dev/null | grep -q '^Status: active' && echo "firewall ufw"
zone=$(firewall-cmd --get-zone-of-interface="$interface" 2>/dev/null || firewall-cmd --get-default-zone 2>/dev/null) &&
  echo "firewall firewalld $zone"
echo end
`;

export async function observe(
  host: SshSession,
  question: { interface: string; prefix: string; port: number; due: string; files: readonly string[] },
  signal: AbortSignal,
): Promise<Observation> {
  const script = `HTTP_PORT=${question.port}\nDUE=${quote(question.due)}\n${OBSERVE}`;
  const args = [question.interface, question.prefix, ...question.files];
  const { stdout } = await host.script(script, args, { signal, deadlineMs: 30_000, label: "looking at the host" });
  return parseObservation(stdout);
}
