# shellcheck shell=bash
# What set-up tells, and how it stops.

setup_started=$EPOCHREALTIME
item_started=$EPOCHREALTIME
setup_failures=()

# seconds_since EPOCHREALTIME: one decimal.
seconds_since() {
  local microseconds=$((${EPOCHREALTIME/./} - ${1/./}))
  printf '%d.%d' $((microseconds / 1000000)) $((microseconds % 1000000 / 100000))
}

is_root() { ((EUID == 0)); }

begin() { item_started=$EPOCHREALTIME; }

# did ITEM FROM: something was installed or built since `begin`.
did() { printf '  %-22s %-62s %6s s\n' "$1" "$2" "$(seconds_since "$item_started")"; }

# have ITEM FROM: it was there already.
have() { [[ -n $QUIET ]] || did "$@"; }

# doing TEXT: something that takes a while has begun.
doing() { echo "  … $*"; }

# failed ITEM MESSAGE REMEDY: this item is missing; the others go on, and set-up ends with an error.
failed() {
  setup_failures+=("$1")
  printf '\nFAILED %s: %s\n  %s\n\n' "$1" "$2" "$3" >&2
}

# stop MESSAGE REMEDY…: nothing further makes sense.
stop() {
  printf '\nscripts/setup stops: %s\n' "$1" >&2
  shift
  printf '  %s\n' "$@" >&2
  exit 1
}

finish() {
  if ((${#setup_failures[@]})); then
    printf '\nscripts/setup: not complete: %s\n' "${setup_failures[*]}" >&2
    exit 1
  fi
  [[ -n $QUIET ]] || printf '  ready, %s s in all; tools and downloads are in %s\n' "$(seconds_since "$setup_started")" "$FLINT_CACHE"
}
