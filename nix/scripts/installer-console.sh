#!/bin/sh
# installer-console.sh: what a person in front of a machine in its installer sees: name, address, phase and the host key's
# fingerprint, to be compared with what Flint expects. Enter opens a shell. (flint-console)
# installer-console.sh show: the same, once. installer-console.sh phase TEXT: sets the phase, and says it on the console.
# FLINT_ROOT: where /run, /root and /etc are, for tests. FLINT_CONSOLE: where the phase is said.
root=${FLINT_ROOT:-}
name=$(cat /proc/sys/kernel/hostname)
if [ "${1:-}" = phase ]; then
  mkdir -p "$root/run/flint"
  echo "$2" > "$root/run/flint/phase"
  echo "flint: $name: $2" > "${FLINT_CONSOLE:-/dev/console}"
  exit 0
fi
# The card that the machine was booted from where that is known, else any that has an address.
card=$(cat "$root/run/flint/card" 2> /dev/null)
# shellcheck disable=SC2086 # two words, or none
addresses=$(ip -4 -o address show scope global ${card:+dev "$card"} 2> /dev/null | sed -n 's/^[0-9]*: *\([^ ]*\) .*inet \([^ ]*\).*/\2 (\1)/p' | paste -sd' ' -)
cat <<T

  Flint installer
    name         $name
    address      ${addresses:-none yet${card:+ ($card)}}
    host key     $(ssh-keygen -lf "$root/etc/ssh/ssh_host_ed25519_key" 2> /dev/null | cut -d' ' -f2)
    login        $([ -s "$root/root/.ssh/authorized_keys" ] && echo "ssh with the operator's key" || echo "nobody: no keys came with the boot")
    phase        $(cat "$root/run/flint/phase" 2> /dev/null || echo "waiting for the installation")

  Enter opens a shell.
T
[ "${1:-}" != show ] || exit 0
read -r _
exec setsid -c "${SHELL:-/bin/sh}"
