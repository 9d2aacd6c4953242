#!/bin/sh
# find-disk.sh [--serial S] [--wwn W] [--min-size BYTES] [--max-size BYTES]: prints the one disk that fits all of them.
# No disk, or more than one, is an error that lists what there is: nothing is ever written to a guess.
set -eu
serial='' wwn='' min='' max=''
while [ $# -gt 0 ]; do
  case $1 in
    --serial) serial=$2 ;;
    --wwn) wwn=$2 ;;
    --min-size) min=$2 ;;
    --max-size) max=$2 ;;
    *) echo "find-disk: unknown argument: $1" >&2; exit 2 ;;
  esac
  shift 2
done
[ -n "$serial$wwn$min$max" ] || { echo "find-disk: say which disk: a serial, a wwn or a size" >&2; exit 2; }

# One line per disk, NAME="…" SERIAL="…": -P because a serial may hold blanks or be missing.
all=$(lsblk --nodeps --paths --bytes --pairs --output NAME,TYPE,RO,SIZE,SERIAL,WWN)
field() { printf '%s\n' "$1" | sed -n "s/.*\\b$2=\"\\([^\"]*\\)\".*/\\1/p"; }
found='' count=0
listed=$(mktemp)
printf '%s\n' "$all" > "$listed"
while read -r line; do
  [ "$(field "$line" TYPE)" = disk ] || continue
  [ "$(field "$line" RO)" = 0 ] || continue
  size=$(field "$line" SIZE)
  [ "$size" -gt 0 ] || continue
  [ -z "$serial" ] || [ "$(field "$line" SERIAL | sed 's/^ *//;s/ *$//')" = "$serial" ] || continue
  [ -z "$wwn" ] || [ "$(field "$line" WWN)" = "$wwn" ] || continue
  [ -z "$min" ] || [ "$size" -ge "$min" ] || continue
  [ -z "$max" ] || [ "$size" -le "$max" ] || continue
  found=$(field "$line" NAME)
  count=$((count + 1))
done < "$listed"
rm -f "$listed"
if [ $count -ne 1 ]; then
  echo "find-disk: $count disks fit serial '${serial:-any}', wwn '${wwn:-any}', size ${min:-0} to ${max:-any}; nothing was written. Disks of this machine:" >&2
  printf '%s\n' "$all" | grep 'TYPE="disk"' >&2 || echo "  none" >&2
  exit 1
fi
echo "$found"
