# shellcheck shell=bash
# Debian packages, from the mirrors this machine's apt uses already. Only missing ones; nothing of them is started.

# Set-up's own needs; the rack's are in lab/packages.txt.
setup_own_packages=(ca-certificates curl git jq patchelf util-linux)

wanted_packages() {
  printf '%s\n' "${setup_own_packages[@]}"
  sed 's/#.*//' "$ROOT/lab/packages.txt" 2>/dev/null | awk 'NF { print $1 }'
  find_go || echo golang-go
}

# shellcheck disable=SC2016 # dpkg-query's own ${…}
missing_packages() {
  comm -13 <(wanted_packages | xargs dpkg-query -W -f '${db:Status-Abbrev} ${Package}\n' 2>/dev/null |
    awk '$1 == "ii" { print $2 }' | sort -u) <(wanted_packages | sort -u)
}

setup_packages() {
  begin
  command -v dpkg-query >/dev/null || stop "this is not Debian or Ubuntu (no dpkg-query)." \
    "The rack needs a Debian 12, Debian 13 or Ubuntu machine. The library itself does not: see README.md."
  local missing
  mapfile -t missing < <(missing_packages)
  if ((${#missing[@]} == 0)); then
    have "Debian packages" "installed already: $(wanted_packages | sort -u | wc -l)"
    return
  fi
  if ! is_root; then
    stop "root is needed to install Debian packages." "Run this, then start again:" "" \
      "  sudo apt-get update && sudo apt-get install --no-install-recommends ${missing[*]}" "" \
      "(The virtual rack itself runs as root: network namespaces, a container, /nix.)"
  fi
  doing "Debian packages: ${missing[*]}"
  local log=$FLINT_CACHE/log/apt.log
  if ! apt_install "${missing[@]}" >"$log" 2>&1; then
    tail -n 15 "$log" >&2
    stop "apt-get could not install: ${missing[*]}" "The whole output is in $log." "Check /etc/apt and the network, then start again."
  fi
  did "Debian packages" "apt-get, this machine's mirrors: ${#missing[@]} new"
}

# apt_install PACKAGE…: installs without starting or enabling a service: this is the operator's machine.
apt_install() (
  local policy=/usr/sbin/policy-rc.d before
  before=$(mktemp)
  service_links >"$before"
  if [[ ! -e $policy ]]; then
    trap 'rm -f "$policy" "$before"' EXIT
    printf '#!/bin/sh\n# Put here by Flint'"'"'s scripts/setup while it installs packages; it removes it again.\nexit 101\n' >"$policy"
    chmod 755 "$policy"
  else
    trap 'rm -f "$before"' EXIT
  fi
  local -a options=(-y -q --no-install-recommends -o DPkg::Lock::Timeout=300 -o Dpkg::Options::=--force-confold)
  if ! timeout -k 10 900 apt-get install "${options[@]}" "$@" </dev/null; then
    timeout -k 10 300 apt-get update -q </dev/null || return 1
    timeout -k 10 900 apt-get install "${options[@]}" "$@" </dev/null || return 1
  fi
  local link
  service_links | comm -13 "$before" - | while read -r link; do
    echo "not enabled at boot: $link" && rm -f "$link"
  done
)

# The services that systemd starts at boot.
service_links() { find /etc/systemd/system -path '*.wants/*.service' -type l 2>/dev/null | sort; }
