#!/bin/sh
# inventory.sh: prints what a machine is, in sections ("=== NAME" and what follows): who it says it is, its cards, its disks
# and what is on them. Reads only. Needs util-linux (lsblk, wipefs) and coreutils or busybox, so it works in any installer.
# Flint sends this very text over ssh and reads the sections; identity.sh makes JSON of them.
section() { printf '\n=== %s\n' "$1"; }
dmi() { cat "/sys/class/dmi/id/$1" 2>/dev/null || :; }
section cmdline; cat /proc/cmdline
section boot-id; cat /proc/sys/kernel/random/boot_id
section os-release; cat /etc/os-release 2>/dev/null || :
section serial; dmi product_serial
section uuid; dmi product_uuid
section product; dmi product_name
section memory; sed -n 's/^MemTotal: *\([0-9]*\) kB/\1/p' /proc/meminfo
section cpu; awk -F ': *' '/^processor/ { n++ } /^model name/ { model = $2 } END { print n, model }' /proc/cpuinfo
section firmware; if [ -d /sys/firmware/efi ]; then echo uefi; else echo bios; fi
section nics; for n in /sys/class/net/*; do [ -e "$n/device" ] && printf '%s %s\n' "${n##*/}" "$(cat "$n/address")"; done
section disks; lsblk --json --bytes --paths --output NAME,TYPE,SERIAL,WWN,SIZE,MODEL,PTTYPE,FSTYPE,LABEL,PARTLABEL,MOUNTPOINT
for d in $(lsblk --noheadings --nodeps --paths --output NAME,TYPE | awk '$2 == "disk" { print $1 }'); do
  section "signatures $d"; wipefs --no-act --parsable "$d" 2>/dev/null || :
  section "head $d"
  if dd if="$d" of=/dev/null bs=1048576 count=1 2>/dev/null; then
    dd if="$d" bs=1048576 count=1 2>/dev/null | tr -d '\000' | wc -c
  else
    echo unreadable
  fi
done
