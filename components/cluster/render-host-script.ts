import { quote } from "../../drivers/ssh/quote.js";
import { SUDO, sudoRemedy } from "../../drivers/ssh/sudo.js";
import { IPXE_FILES, NIXOS_CONFIGURATION } from "../../providers/pxe-server/distribution.js";

/** What the provisioning host needs: the Debian package that brings it, and commands or files of which one must be there. */
const NEEDED: readonly (readonly [pack: string, ...oneOf: string[]])[] = [
  ["dnsmasq-base", "dnsmasq"],
  ["nginx-light", "nginx"],
  ["curl", "curl"],
  ["ipxe", ...IPXE_FILES["undionly.kpxe"]],
];

/** Where Flint notes which packages it installed, so that it removes no other. */
const NOTE = "/var/lib/flint/installed-packages";

/** Waits, up to five minutes, while another apt or dpkg is at work: unattended upgrades start with the host. */
const APT = "apt-get -qq -o DPkg::Lock::Timeout=300";

/**
 * Prepares the provisioning host: installs what is missing (and only that), starts no service, makes Flint's directory.
 * `cluster` was checked by the schema: a name of lower-case letters, digits and hyphens.
 */
export function renderPrepare(cluster: string): string {
  return `set -eu
export PATH="/usr/sbin:/sbin:/usr/bin:/bin:$PATH" DEBIAN_FRONTEND=noninteractive LC_ALL=C
missing=
need() {
  package=$1; shift
  for one in "$@"; do
    if [ -e "$one" ] || command -v "$one" >/dev/null 2>&1; then return 0; fi
  done
  missing="$missing $package"
}
${NEEDED.map((names) => `need ${names.join(" ")}`).join("\n")}
if [ -n "$missing" ]; then
  if [ "$(id -u)" != 0 ]; then
    echo "preparation:$missing missing, and this user may not install packages. Install them, or log in as root." >&2
    exit 1
  fi
  # Runs in a subshell: os-release(5) is a list of assignments.
  os=$(
    for release in /etc/os-release /usr/lib/os-release; do
      if [ -r "$release" ]; then . "$release"; break; fi
    done
    echo " \${ID:-linux} \${ID_LIKE:-} |\${PRETTY_NAME:-this system}"
  )
  case \${os%%|*} in
  *" debian "* | *" ubuntu "*) ;;
  *" nixos "*)
    echo "preparation: nothing can be installed on \${os#*|} from outside. Put this into its configuration and switch it:" >&2
    echo ${quote(NIXOS_CONFIGURATION)} >&2
    exit 1
    ;;
  *)
    echo "preparation:$missing missing on \${os#*|}. Flint installs packages on Debian and Ubuntu only." >&2
    echo "Install dnsmasq, nginx, curl and iPXE's boot files there, and set pxe.prepare: false." >&2
    exit 1
    ;;
  esac
  if ! command -v apt-get >/dev/null; then
    echo "preparation:$missing missing, and this host has no apt-get. Install them and set pxe.prepare: false." >&2
    exit 1
  fi
  echo "installing:$missing"
  # Packages that start a daemon would take ports 53, 67 and 80 before Flint's own instances are configured.
  guard=/usr/sbin/policy-rc.d
  work=$(mktemp -d)
  if [ -e "$guard" ]; then
    trap 'rm -rf "$work"' EXIT
  else
    trap 'rm -rf "$work" "$guard"' EXIT
    printf '#!/bin/sh\\nexit 101\\n' >"$guard"
    chmod 0755 "$guard"
  fi
  installed() { dpkg-query -W -f '\${db:Status-Abbrev} \${Package}\\n' | sed -n 's/^ii *//p' | sort; }
  installed >"$work/before"
  # Unattended upgrades may be at work; for lists apt itself does not wait.
  tries=0
  until apt-get -qq update >"$work/log" 2>&1; do
    tries=$((tries + 1))
    if [ "$tries" -ge 60 ] || ! grep -q 'Could not get lock' "$work/log"; then break; fi
    sleep 2
  done
  failed=
  # shellcheck disable=SC2086 # a list of names
  ${APT} -y --no-install-recommends install $missing >>"$work/log" 2>&1 || failed=yes
  # What came along is noted too: nginx-light alone is but a name in some releases. And what came before it failed.
  install -d -m 0755 /var/lib/flint
  installed | comm -13 "$work/before" - >>${NOTE}
  if [ -n "$failed" ]; then
    [ -s ${NOTE} ] || { rm -f ${NOTE}; rmdir --ignore-fail-on-non-empty /var/lib/flint; }
    tail -n 5 "$work/log" >&2
    echo "preparation: apt-get could not install$missing. Install them by hand, or set pxe.prepare: false." >&2
    exit 1
  fi
  case "$missing" in *nginx-light*) systemctl disable --now nginx.service >/dev/null 2>&1 || true ;; esac
fi
install -d -m 0755 /var/lib/flint /var/lib/flint/${cluster}
echo ready
`;
}

/** Undoes `renderPrepare`: Flint's directories, and with the last cluster the packages that Flint installed. */
export function renderUnprepare(cluster: string): string {
  return `set -eu
export PATH=/usr/sbin:/sbin:/usr/bin:/bin DEBIAN_FRONTEND=noninteractive LC_ALL=C
if [ -d /var/lib/flint/${cluster} ]; then
  # Empty directories only: what is left belongs to someone.
  find /var/lib/flint/${cluster} -depth -type d -empty -delete
fi
# What the lock of the last run left: nobody waits at it any more, or there would be a lock.
if [ ! -e /run/flint/${cluster}.lock ]; then rm -f /run/flint/${cluster}.lock.guard; fi
[ ! -d /run/flint ] || rmdir --ignore-fail-on-non-empty /run/flint
[ -d /var/lib/flint ] || exit 0
if [ -z "$(find /var/lib/flint -mindepth 1 -maxdepth 1 -type d)" ]; then
  if [ -s ${NOTE} ]; then
    work=$(mktemp -d)
    trap 'rm -rf "$work"' EXIT
    sort -u ${NOTE} >"$work/noted"
    known() { dpkg-query -W -f '\${db:Status-Abbrev} \${Package}\\n' | sed -n 's/^[ir][ic] *//p' | sort -u; }
    known | comm -12 - "$work/noted" >"$work/ours"
    # What somebody else's package needs by now stays: nothing may go along that is not ours.
    goes_along() { apt-get -s purge "$@" | sed -nE 's/^(Purg|Remv|Inst) ([^ ]*).*/\\2/p' | sort -u | comm -23 - "$work/ours"; }
    going=
    for package in $(cat "$work/ours"); do
      if [ -z "$(goes_along "$package")" ]; then going="$going $package"; fi
    done
    # shellcheck disable=SC2086 # a list of names
    if [ -n "$going" ] && ! ${APT} -y purge $going >"$work/log" 2>&1; then
      tail -n 5 "$work/log" >&2
      echo "preparation: apt-get could not remove$going, which Flint had installed. Remove them by hand, then run this again." >&2
      exit 1
    fi
    rm -f ${NOTE}
  fi
  rmdir --ignore-fail-on-non-empty /var/lib/flint
fi
`;
}

/**
 * Runs a script as root for an account that is not: through sudo, which must not ask for a password.
 * @param user Checked by the schema: lower-case letters, digits, `_` and `-`.
 */
export function renderThroughSudo(user: string, script: string): string {
  const sudo = SUDO.join(" ");
  return `if ! said=$(${sudo} sh -c true 2>&1); then
  echo "preparation: $said" >&2
  echo ${quote(sudoRemedy(user))} >&2
  exit 1
fi
exec ${sudo} sh -c ${quote(script)}
`;
}

/** Runs a script as root on this machine, whoever runs Pulumi. */
export function renderAsRoot(script: string): string {
  return `if [ "$(id -u)" = 0 ]; then
  exec sh -c ${quote(script)}
fi
${renderThroughSudo("YOU", script)}`;
}
