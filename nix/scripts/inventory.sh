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
mib=1048576
some() { dd if="$d" bs=$mib skip="$1" count="$2" 2>/dev/null; }
ends() { some 0 4 && some "$last" 2; } # of the disk "$d": four MiB, and the last whole one with what is left of another
for d in $(lsblk --noheadings --nodeps --paths --output NAME,TYPE | awk '$2 == "disk" { print $1 }'); do
  size=$(lsblk --noheadings --nodeps --bytes --output SIZE "$d" | awk '{ print $1; exit }')
  looked=yes
  case $size in '' | *[!0-9]*) looked=no size=0 ;; esac
  last=$((size < 2 * mib ? 0 : size / mib - 1))
  section "signatures $d"; wipefs --no-act --parsable "$d" 2>/dev/null || looked=no
  # Two contents of the same kind are told apart by what was drawn when they were made.
  section "identifiers $d"
  for p in $(lsblk --noheadings --list --paths --output NAME "$d"); do
    blkid --probe --output export "$p" 2>/dev/null || :
  done | sed -n '/^UUID=/p; /^UUID_SUB=/p; /^PTUUID=/p; /^PART_ENTRY_UUID=/p' | sort -u
  # The ids of volume groups and of their physical volumes, from LVM's own text: who is in one group with whom.
  section "volumes $d"
  for p in $(lsblk --noheadings --list --paths --output NAME "$d"); do
    dd if="$p" bs=512 count=4 2>/dev/null | grep -q LABELONE || continue
    dd if="$p" bs=$mib count=1 2>/dev/null | tr -c 'A-Za-z0-9="{} \n-' '\n' |
      sed -n 's/^ *id = "\([A-Za-z0-9-]\{38\}\)".*/\1/p; s/.*LVM2 001\([A-Za-z0-9]\{32\}\).*/\1/p'
  done | tr -d - | sort -u
  section "head $d" # how many bytes there are no zeros
  if [ $looked = yes ] && ends >/dev/null; then
    ends | tr -d '\000' | wc -c
    section "digest $d"; ends | sha256sum | cut -d ' ' -f 1
  else
    echo unreadable
  fi
done
