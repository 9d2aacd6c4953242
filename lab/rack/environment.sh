# shellcheck shell=bash disable=SC2154
# Sourced by scripts/rack and scripts/pulumi, with $root set: tools on PATH, this checkout built.
export FLINT_CACHE="${FLINT_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/flint}"
# Written by scripts/setup; a rack alone also works without.
# shellcheck source=/dev/null
[ ! -f "$FLINT_CACHE/env.sh" ] || . "$FLINT_CACHE/env.sh"
export PATH="$root/node_modules/.bin:$PATH:/usr/sbin:/sbin"
# Every `pulumi` starts several Node processes that load the same SDK: compiled once, each is there half a second earlier.
export NODE_COMPILE_CACHE="${NODE_COMPILE_CACHE:-$FLINT_CACHE/compile-cache}"
# The stand-in serves only where there is no real installer.
command -v nixos-anywhere >/dev/null || export PATH="$PATH:$root/lab/nixos-anywhere"

if [ ! -x "$root/node_modules/.bin/tsc" ]; then
  echo "This checkout has no node_modules: run scripts/setup first." >&2
  exit 1
fi
rack_stale() {
  [ ! -f "$root/dist/lab/rack/cli.js" ] ||
    [ -n "$(find "$root/lab/rack" "$root/lab/redfish" "$root/foundation" -name '*.ts' -newer "$root/dist/.tsbuildinfo" -print -quit)" ]
}
if rack_stale; then
  mkdir -p "$root/dist"
  (
    flock 9
    if rack_stale; then
      # Only the rack's own errors matter here.
      (cd "$root" && tsc -p tsconfig.json) | grep -E '^(lab/(rack|redfish)|foundation)/' >&2 || true
      touch "$root/dist/.tsbuildinfo"
    fi
  ) 9>"$root/dist/.build.lock"
fi

# rack_enter NAME: sets $namespace, or ends with what to do.
rack_enter() {
  namespace=/run/netns/flint-$1
  if [ ! -f "$root/.rack/$1/rack.json" ] || [ ! -e "$namespace" ]; then
    echo "rack $1: expected a rack that is up but found none. Bring it up with \"npm run rack -- up$([ "$1" = dev ] || echo " --rack $1")\". [RACK_NOT_UP]" >&2
    exit 1
  fi
  if [ "$(id -u)" != 0 ]; then
    echo "rack $1: its network can be entered by root only. Run it with sudo. [RACK_ROOT]" >&2
    exit 1
  fi
}
