#!/bin/sh
# mirror-esp.sh FROM TO: makes the EFI system partition mounted on TO the same as the one on FROM, so that either disk of a
# mirrored pair starts the machine. Files first, then the entries that name them, then the default; what is gone, the other way
# round. Each file is whole or not there. A random seed is used once: each disk keeps its own. A missing TO is no error: the
# pair runs on one disk, and the switch must go on.
set -eu
from=${1:?FROM} to=${2:?TO}
say() { echo "mirror-esp: $*" >&2; }
if ! mountpoint -q "$to"; then
  say "nothing is mounted on $to: one disk of the pair may be gone. The machine starts from the other one."
  exit 0
fi
copy() { # a path below FROM
  [ -f "$to/$1" ] && cmp -s "$from/$1" "$to/$1" && return 0
  mkdir -p "$to/$(dirname "$1")"
  cp "$from/$1" "$to/$1.new"
  sync "$to/$1.new"
  mv "$to/$1.new" "$to/$1"
}
each() { # directory, find's own arguments: the files below it, a line each
  below=$1
  shift
  (cd "$below" && find . -type f ! -path ./loader/random-seed "$@" | sed 's|^\./||')
}
each "$from" ! -path './loader/*' | while read -r file; do copy "$file"; done
each "$from" -path './loader/*' ! -path ./loader/loader.conf | while read -r file; do copy "$file"; done
[ ! -f "$from/loader/loader.conf" ] || copy loader/loader.conf
remove() { while read -r file; do [ -f "$from/$file" ] || rm -f "$to/$file"; done; }
each "$to" -path './loader/*' | remove
each "$to" ! -path './loader/*' | remove
sync -f "$to"
