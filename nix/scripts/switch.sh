#!/bin/sh
# Switches this node to another system, and back when that one is not healthy in time: switch.sh [OPTION…] SYSTEM
# SYSTEM is the store path of a NixOS system. Healthy is what `sh /etc/flint/health` says, if the node was healthy before: a
# cluster that is in trouble anyway is no reason to go back.
#   --deadline SECONDS  how long the new system may take (default 180)
#   --confirm           healthy is also that somebody could still reach the node: the file CONFIRMED appears
#   --result FILE       where the result is written, as JSON (default /run/flint/switch.json); CONFIRMED is FILE.confirmed
# Run it with systemd-run, so that it outlives the connection that it may cut; the unit's name is also what lets nobody begin a
# second one beside it:
#   systemd-run --collect --unit=flint-switch sh switch.sh SYSTEM
# Exit codes: 0 switched, or nothing to do; 1 refused before anything was changed; 2 wrong arguments; 3 back on the system of
# before; 4 going back failed too.
set -eu
say() { echo "flint-switch: $*" >&2; }
usage() { say "$1; usage: switch.sh [--deadline SECONDS] [--confirm] [--result FILE] SYSTEM"; exit 2; }

deadline=180 confirm='' result=/run/flint/switch.json
while [ $# -gt 1 ]; do
  case $1 in
    --deadline) deadline=$2; shift ;;
    --result) result=$2; shift ;;
    --confirm) confirm=1 ;;
    *) usage "unknown option $1" ;;
  esac
  shift
done
[ $# = 1 ] || usage "say which system"
system=$1
case $system in -* | '') usage "say which system" ;; esac
case $deadline in '' | *[!0-9]*) usage "the deadline is a number of seconds" ;; esac

rm -f "$result" "$result.confirmed"

profile=${FLINT_PROFILE:-/nix/var/nix/profiles/system}
current=${FLINT_CURRENT_SYSTEM:-/run/current-system}
health=${FLINT_HEALTH:-/etc/flint/health}
state=${FLINT_STATE_DIR:-/var/lib/flint}
export PATH="/run/current-system/sw/bin:$PATH"

now() { read -r up _ < /proc/uptime; echo "${up%%.*}"; }
quoted() { printf '"%s"' "$(printf %s "$1" | sed 's/\\/\\\\/g; s/"/\\"/g' | tr '\n\t' '  ')"; }
# tell STATE REASON: running, waiting, switched, rolled-back, refused or failed.
tell() {
  mkdir -p "$(dirname "$result")"
  printf '{"state":%s,"system":%s,"previous":%s,"reason":%s}\n' "$(quoted "$1")" "$(quoted "$system")" "$(quoted "$previous")" "$(quoted "$2")" > "$result.new"
  mv "$result.new" "$result"
}
# healthy: one look; the reason is in `trouble`.
healthy() {
  [ -f "$health" ] || return 0
  trouble=$(sh "$health" 2>&1) && return 0
  trouble=$(printf '%s\n' "$trouble" | grep 'NOT OK' || printf '%s\n' "$trouble" | tail -n 1)
  trouble=$(printf '%s\n' "$trouble" | sed 's/^ *NOT OK *//' | paste -sd';' - | sed 's/;/; /g')
  return 1
}

# What runs is what it goes back to. The profile may name another system: one for the next start, or one that failed at a start.
previous=$(readlink -f "$current") || previous=''
# generation_of SYSTEM: the profile's own generation if it is that one, else the newest other.
number() { sed -n 's/.*-\([0-9][0-9]*\)-link$/\1/p'; }
generation_of() {
  if [ "$(readlink -f "$profile")" = "$1" ]; then
    readlink "$profile" | number
    return
  fi
  for link in "$profile"-*-link; do
    if [ "$(readlink -f "$link")" = "$1" ]; then printf '%s\n' "$link" | number; fi
  done | sort -n | tail -n 1
}
if [ ! -x "$system/bin/switch-to-configuration" ]; then
  say "$system is no system of this node's store: nothing was changed"
  tell refused "$system is not in the node's store"
  exit 1
fi
if [ "$previous" = "$system" ] && [ "$(readlink -f "$profile")" = "$system" ]; then
  say "$system runs already"
  tell switched "it ran already"
  exit 0
fi
if [ ! -x "$previous/bin/switch-to-configuration" ]; then
  say "$current names no system to go back to: nothing was changed"
  tell refused "no system to go back to"
  exit 1
fi
was_healthy=1
healthy || was_healthy=''
tell running ''
say "switching from $previous to $system${was_healthy:+; going back unless it is healthy in $deadline s}"
[ -n "$was_healthy" ] || say "the node is not healthy before the switch ($trouble): its health will not decide"

# A system that runs without being a generation becomes one: it is kept, and can be started again.
generation=$(generation_of "$previous")
if [ -z "$generation" ]; then
  if ! nix-env -p "$profile" --set "$previous"; then
    say "$previous could not be kept as a generation: nothing was changed"
    tell refused "what runs could not be kept as a generation"
    exit 1
  fi
  generation=$(generation_of "$previous")
fi

back() { # REASON
  say "ROLLBACK: $system: $1. Going back to generation $generation, $previous"
  if nix-env -p "$profile" --switch-generation "$generation" && "$previous/bin/switch-to-configuration" switch; then
    mkdir -p "$state"
    printf '{"system":%s,"reason":%s,"at":"%s"}\n' "$(quoted "$system")" "$(quoted "$1")" "$(date -u +%Y-%m-%dT%H:%M:%SZ)" > "$state/rolled-back.json"
    say "ROLLBACK done: $previous runs again, and the next start is with it"
    tell rolled-back "$1"
    exit 3
  fi
  say "ROLLBACK FAILED: neither $system ($1) nor $previous could be activated. See the lines above; log in and run switch-to-configuration by hand"
  tell failed "$1; and going back failed"
  exit 4
}

if ! nix-env -p "$profile" --set "$system"; then
  [ "$(readlink -f "$profile")" != "$system" ] || back "it could not become the profile's system"
  # As on a disk that is full or broken, where going back could write no more than this.
  say "$system could not become the profile's system: nothing was changed"
  tell refused "it could not become the profile's system"
  exit 1
fi
code=0
"$system/bin/switch-to-configuration" switch || code=$?
case $code in
  0) ;;
  4) say "some units failed to start; they may come up yet" ;;
  *) back "its activation ended with $code" ;;
esac

tell waiting ''
end=$(($(now) + deadline))
while :; do
  missing='' looked=$(now)
  if [ -n "$was_healthy" ] && ! healthy; then missing="not healthy: $trouble"; fi
  if [ -z "$missing" ] && [ -z "$was_healthy" ] && [ $code = 4 ]; then
    failed=$(systemctl --failed --plain --no-legend | cut -d' ' -f1 | paste -sd' ' -)
    [ -z "$failed" ] || missing="units failed: $failed"
  fi
  if [ -z "$missing" ] && [ -n "$confirm" ] && [ ! -e "$result.confirmed" ]; then missing="nobody could reach the node"; fi
  [ -n "$missing" ] || break
  [ "$(now)" -lt "$end" ] || back "$missing, $deadline s after the switch"
  # A look costs a slow machine what its services need to start: as long a pause follows.
  took=$(($(now) - looked))
  if [ "$took" -gt 1 ]; then sleep "$took"; else sleep "${FLINT_INTERVAL:-1}"; fi
done
rm -f "$state/rolled-back.json"
say "$system runs${was_healthy:+ and is healthy}"
tell switched ''
