#!/bin/sh
# A new system's first start is a trial: when it does not come up healthy, the machine starts the one before it again.
# For systemd-boot. Where NixOS counts boots by itself (boot.loader.systemd-boot.bootCounting), only `check` is used; elsewhere
# the new entry is started once (the loader's one-shot entry) while the default stays the last one that was good.
#   boot-trial.sh arm      after the loader's entries were written: a default that never was good becomes the one-shot entry
#   boot-trial.sh check    while starting: on a trial, waits for health; when it does not come, says so and restarts
#   boot-trial.sh good     once the start is complete: this entry is the default from now on
# FLINT_ESP (/boot), FLINT_EFIVARS (/sys/firmware/efi/efivars), FLINT_STATE_DIR (/var/lib/flint), FLINT_HEALTH
# (/etc/flint/health), FLINT_DEADLINE (600 s, for `check`). Exit codes: 0; 1 the trial failed; 2 wrong arguments.
set -eu
say() { echo "flint-boot: $*" >&2; }
esp=${FLINT_ESP:-/boot}
efivars=${FLINT_EFIVARS:-/sys/firmware/efi/efivars}
health=${FLINT_HEALTH:-/etc/flint/health}
state=${FLINT_STATE_DIR:-/var/lib/flint}
good=$state/good-boot-entry armed=$state/armed-boot-entry rolled_back=$state/rolled-back.json
profile=${FLINT_PROFILE:-/nix/var/nix/profiles/system}
conf=$esp/loader/loader.conf
vendor=4a67b082-0a4c-41cf-b6c7-440b29bb8c4f # of systemd-boot, https://systemd.io/BOOT_LOADER_INTERFACE

# variable NAME: text of one of the loader's variables: four bytes of attributes, then UTF-16.
variable() { [ ! -e "$efivars/$1-$vendor" ] || tail -c +5 "$efivars/$1-$vendor" | tr -d '\000'; }
default_entry() { sed -n 's/^default  *//p' "$conf" | head -n 1; }
good_entry() { [ ! -f "$good" ] || cat "$good"; }
set_default() { # whole or not at all
  sed "s/^default .*/default $1/" "$conf" > "$conf.new"
  sync
  mv "$conf.new" "$conf"
}

arm() {
  new=$(default_entry) last=$(good_entry)
  case $new in '' | *[\*\?]*) return 0 ;; esac
  if [ "$last" = "$new" ] && [ -f "$armed" ]; then # the machine went back before the trial began
    bootctl set-oneshot ""
    rm -f "$armed"
    say "the trial of another system is off: $new starts"
  fi
  if [ -z "$last" ] || [ "$last" = "$new" ]; then return 0; fi
  if [ ! -e "$esp/loader/entries/$last" ]; then
    if [ -f "$armed" ]; then bootctl set-oneshot ""; fi # an earlier trial's entry must not start instead of this one
    rm -f "$armed" "$good"
    say "the last good entry, $last, is gone: $new is the default without a trial"
    return 0
  fi
  mkdir -p "$state"
  echo "$new" > "$armed"
  bootctl set-oneshot "$new"
  set_default "$last"
  say "the next start tries $new; unless it is healthy, the one after it is $last again"
}

# on_trial: this start is one that can be undone by a restart.
on_trial() {
  selected=$(variable LoaderEntrySelected)
  if [ -n "$(variable LoaderBootCountPath)" ]; then
    # Counted by the loader: another entry without a counter, or with tries left, must be there to fall back to.
    for entry in "$esp"/loader/entries/*.conf; do
      case $entry in *+0.conf | *+0-*.conf) continue ;; esac
      name=${entry##*/}
      [ "${name%%+*}" = "${selected%.conf}" ] || [ "$name" = "$selected" ] || return 0
    done
    return 1
  fi
  last=$(good_entry)
  # Only what a restart would really go back to: else the machine would restart for ever.
  [ -n "$last" ] && [ -n "$selected" ] && [ "$last" != "$selected" ] &&
    [ -e "$esp/loader/entries/$last" ] && [ "$(default_entry)" = "$last" ]
}

# failed_trial: an earlier start was a trial that did not end well; prints the entry. Said once.
failed_trial() {
  for entry in "$esp"/loader/entries/*+0-*.conf; do
    [ -e "$entry" ] || continue
    name=${entry##*/}
    echo "${name%%+*}.conf"
    return 0
  done
  [ -f "$armed" ] && [ "$(cat "$armed")" != "$(variable LoaderEntrySelected)" ] && [ "$(variable LoaderEntryOneShot)" = "" ] && cat "$armed"
}

check() {
  if bad=$(failed_trial) && [ -n "$bad" ]; then
    system=$(readlink -f "$profile" || :)
    say "ROLLBACK: $bad was tried and did not come up healthy; this is $(variable LoaderEntrySelected) again"
    mkdir -p "$state"
    [ -e "$rolled_back" ] || printf '{"system":"%s","reason":"%s was started and did not come up healthy","at":"%s"}\n' "$system" "$bad" "$(date -u +%Y-%m-%dT%H:%M:%SZ)" > "$rolled_back"
    rm -f "$armed"
  fi
  on_trial || return 0
  say "$selected is on trial: it has ${FLINT_DEADLINE:-600} s to be healthy"
  read -r up _ < /proc/uptime
  end=$((${up%%.*} + ${FLINT_DEADLINE:-600}))
  while [ -f "$health" ]; do
    trouble=$(sh "$health" 2>&1) && break
    read -r up _ < /proc/uptime
    if [ "${up%%.*}" -ge "$end" ]; then
      say "ROLLBACK: $selected is not healthy after ${FLINT_DEADLINE:-600} s; restarting, for the loader to take the last good entry: $(printf '%s\n' "$trouble" | tail -n 1)"
      systemctl reboot
      return 1
    fi
    sleep "${FLINT_INTERVAL:-5}"
  done
  say "$selected is healthy"
}

good() {
  selected=$(variable LoaderEntrySelected) last=$(good_entry)
  [ -n "$selected" ] || { say "the loader does not say what it started"; return 0; }
  if [ "$last" != "$selected" ]; then
    mkdir -p "$(dirname "$good")"
    echo "$selected" > "$good.new"
    mv "$good.new" "$good"
    say "$selected is good: it is what this machine starts from now on"
  fi
  if [ -f "$armed" ] && [ "$(cat "$armed")" = "$selected" ]; then rm -f "$armed" "$rolled_back"; fi
  # What is armed for the next start stays so.
  [ -n "$(variable LoaderEntryOneShot)" ] || [ "$(default_entry)" = "$selected" ] || set_default "$selected"
}

case ${1:-} in
  arm | check | good) "$1" ;;
  *) say "usage: boot-trial.sh arm|check|good"; exit 2 ;;
esac
