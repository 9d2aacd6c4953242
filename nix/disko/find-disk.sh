#!/bin/sh
# find-disk.sh [--mark MARK] [--link DIR] [--degraded] --disk ROLE CRITERION… [--disk ROLE CRITERION…]…
# Finds the disk of each role by what is known of it, and prints "ROLE PATH" a line. Criteria: --serial S, --wwn W,
# --min-size BYTES, --max-size BYTES; all that are given must fit, and exactly one disk must fit them.
# --mark MARK: no other disk may carry partitions of this installation (names that begin with MARK and a hyphen): file systems
#   are found by these names, so a second one could be formatted or booted in place of the declared one.
# --link DIR: makes a link DIR/ROLE to each disk, after all of them were found.
# --degraded: for a system that is installed. Of a mirrored pair (roles system and mirror) one disk is enough, and stands for both:
#   GRUB is written to the disk that is left, instead of nowhere. Other disks may be missing. Nothing is formatted by it.
# Every problem is named at once, with the disks that there are, and ends with 1: nothing is ever written to a guess.
set -eu
usage() { echo "find-disk: $1" >&2; exit 2; }
[ $# -gt 0 ] || usage "say which disk: --disk ROLE and a serial, a wwn or a size"
mark='' link='' degraded='' wanted='' role='' criteria=''
newline='
' tab='	'
add() { # the role that is complete, as a line: role, serial, wwn, min, max
  [ -n "$role" ] || return 0
  [ -n "$criteria" ] || usage "$role: say which disk: a serial, a wwn or a size"
  wanted="$wanted$role$tab$serial$tab$wwn$tab$min$tab$max$newline"
}
while [ $# -gt 0 ]; do
  if [ "$1" = --degraded ]; then
    degraded=1
    shift
    continue
  fi
  [ $# -ge 2 ] || usage "$1 needs a value"
  case $1 in
    --mark) mark=$2 ;;
    --link) link=$2 ;;
    --disk) add; role=$2 criteria='' serial='' wwn='' min='' max='' ;;
    --serial | --wwn | --min-size | --max-size)
      [ -n "$role" ] || usage "$1 before --disk ROLE"
      criteria=1
      case $1 in --serial) serial=$2 ;; --wwn) wwn=$2 ;; --min-size) min=$2 ;; --max-size) max=$2 ;; esac
      ;;
    *) usage "unknown argument: $1" ;;
  esac
  shift 2
done
[ -n "$role" ] || usage "say which disk: --disk ROLE and a serial, a wwn or a size"
add

# One line per device, NAME="…" SERIAL="…": -P because a serial may hold blanks or be missing.
inventory=$(lsblk --paths --bytes --pairs --output NAME,PKNAME,TYPE,RO,SIZE,SERIAL,WWN,PARTLABEL)

# shellcheck disable=SC2016 # awk's own $
found=$(printf '%s\n%s' "$wanted" "$inventory" | awk -v mark="$mark" -v degraded="$degraded" '
  function trim(s) { gsub(/^ +| +$/, "", s); return s }
  function problem(text) { print "find-disk: " text | "cat >&2"; bad = 1 }
  function wish(i,  s) {
    s = ""
    if (want[i, "serial"] != "") s = s ", serial " want[i, "serial"]
    if (want[i, "wwn"] != "") s = s ", wwn " want[i, "wwn"]
    if (want[i, "min"] != "") s = s ", at least " want[i, "min"] " bytes"
    if (want[i, "max"] != "") s = s ", at most " want[i, "max"] " bytes"
    return substr(s, 3)
  }
  function shown(d) {
    return d " (serial " (serial[d] == "" ? "unknown" : serial[d]) ", wwn " (wwn[d] == "" ? "unknown" : wwn[d]) ", " size[d] " bytes" (ro[d] == "1" ? ", read-only" : "") ")"
  }
  !/^NAME="/ && NF {
    split($0, f, "\t"); roles++
    want[roles, "role"] = f[1]; want[roles, "serial"] = f[2]; want[roles, "wwn"] = f[3]; want[roles, "min"] = f[4]; want[roles, "max"] = f[5]
    next
  }
  NF {
    delete v; line = $0
    while (match(line, /[A-Z]+="[^"]*"/)) {
      pair = substr(line, RSTART, RLENGTH); line = substr(line, RSTART + RLENGTH)
      eq = index(pair, "="); v[substr(pair, 1, eq - 1)] = substr(pair, eq + 2, length(pair) - eq - 2)
    }
    if (v["TYPE"] == "disk" && v["SIZE"] + 0 > 0) {
      d = v["NAME"]; disks[++count] = d
      serial[d] = trim(v["SERIAL"]); wwn[d] = trim(v["WWN"]); size[d] = v["SIZE"]; ro[d] = v["RO"]
    } else if (v["TYPE"] == "part" && mark != "" && index(v["PARTLABEL"], mark "-") == 1) marked[v["PKNAME"]] = v["PARTLABEL"]
  }
  END {
    for (i = 1; i <= roles; i++) {
      n = 0; list = ""
      for (j = 1; j <= count; j++) {
        d = disks[j]
        if (ro[d] != "0") continue
        if (want[i, "serial"] != "" && serial[d] != want[i, "serial"]) continue
        if (want[i, "wwn"] != "" && tolower(wwn[d]) != tolower(want[i, "wwn"])) continue
        if (want[i, "min"] != "" && size[d] + 0 < want[i, "min"] + 0) continue
        if (want[i, "max"] != "" && size[d] + 0 > want[i, "max"] + 0) continue
        n++; list = list (n > 1 ? ", " : "") d; chosen[i] = d
      }
      role = want[i, "role"]
      if (n == 0 && degraded) missing[i] = 1
      else if (n == 0) problem(role ": no disk fits " wish(i))
      else if (n > 1) problem(role ": " n " disks fit " wish(i) ": " list)
      else if (chosen[i] in taken) problem(taken[chosen[i]] " and " role " are the same disk, " chosen[i])
      else taken[chosen[i]] = role
    }
    for (d in taken) if (taken[d] == "system" || taken[d] == "mirror") left = d
    for (i = 1; i <= roles; i++) if (i in missing) {
      role = want[i, "role"]; pair = role == "system" || role == "mirror"
      if (pair && left == "") problem(role ": no disk fits " wish(i))
      else print "find-disk: " role ": no disk fits " wish(i) (pair ? ": " left " stands for both of the pair" : "") | "cat >&2"
      if (pair) chosen[i] = left
    }
    if (!bad) for (j = 1; j <= count; j++) if ((disks[j] in marked) && !(disks[j] in taken)) {
      problem(disks[j] " is none of the declared disks, but has the partition " marked[disks[j]] " of this installation: wipe or unplug it")
    }
    if (bad) {
      print "find-disk: nothing was written. Disks of this machine:" | "cat >&2"
      for (j = 1; j <= count; j++) print "  " shown(disks[j]) | "cat >&2"
      if (count == 0) print "  none" | "cat >&2"
      exit 1
    }
    for (i = 1; i <= roles; i++) if (i in chosen) print want[i, "role"] " " chosen[i]
  }')

if [ -n "$link" ]; then
  mkdir -p "$link"
  printf '%s\n' "$found" | while read -r role path; do ln -sfn "$path" "$link/$role"; done
fi
printf '%s\n' "$found"
