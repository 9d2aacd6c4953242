#!/bin/sh
# identity.sh: the machine in one JSON object, for people and programs: who it is, its cards, its disks and what is on them.
# What it knows comes from inventory.sh beside it. Reads only.
#   { "version": 1, "installer": true, "node": "node01", "nonce": "…", "bootId": "…", "serial": "…", "uuid": "…", "product": "…",
#     "firmware": "uefi", "memoryKiB": 988652, "cpu": { "model": "…", "threads": 1 }, "cards": [ { "name", "mac" } ],
#     "disks": [ { "path", "serial", "wwn", "size", "model", "content", "blank", "mounted", "partitions": [ "label" ] } ] }
# What is not known is null. `content` is what Flint says of a disk too: "blank", "gpt, ext4 'backup'", "unknown data".
set -eu
here=$(dirname "$0")
{
  sh "$here/inventory.sh"
  printf '\n=== devices\n'
  lsblk --pairs --bytes --paths --output NAME,TYPE,SERIAL,WWN,SIZE,MODEL,PTTYPE,FSTYPE,LABEL,PARTLABEL,MOUNTPOINT
} | awk '
  function trim(s) { gsub(/^[ \t\n]+|[ \t\n]+$/, "", s); return s }
  function json(s,  i, c, out) {
    out = ""
    for (i = 1; i <= length(s); i++) {
      c = substr(s, i, 1)
      if (c == "\\" || c == "\"") out = out "\\" c
      else if (c == "\t") out = out "\\t"
      else if (c < " ") out = out " "
      else out = out c
    }
    return "\"" out "\""
  }
  function text(s) { s = trim(s); return s == "" ? "null" : json(s) }
  function parameter(name,  i, n, words) {
    n = split(sections["cmdline"], words, /[ \t\n]+/)
    for (i = 1; i <= n; i++) if (index(words[i], name "=") == 1) return substr(words[i], length(name) + 2)
    return ""
  }
  # lsblk writes what a shell could take amiss as \xNN.
  function plain(s,  out, at, hex) {
    out = ""
    while ((at = index(s, "\\x")) > 0) {
      hex = tolower(substr(s, at + 2, 2))
      out = out substr(s, 1, at - 1) sprintf("%c", 16 * (index("0123456789abcdef", substr(hex, 1, 1)) - 1) + index("0123456789abcdef", substr(hex, 2, 1)) - 1)
      s = substr(s, at + 4)
    }
    return out s
  }
  function kind(disk, name, label) {
    if (name == "") return
    name = name (label == "" ? "" : " \047" label "\047")
    if ((disk, name) in known) return
    known[disk, name] = 1
    content[disk] = content[disk] (content[disk] == "" ? "" : ", ") name
  }
  function devices(  lines, n, i, line, pair, eq, v, d, f, m, k, fields, head, label) {
    n = split(sections["devices"], lines, "\n")
    for (i = 1; i <= n; i++) {
      line = lines[i]
      delete v
      while (match(line, /[A-Z]+="[^"]*"/)) {
        pair = substr(line, RSTART, RLENGTH); line = substr(line, RSTART + RLENGTH)
        eq = index(pair, "="); v[substr(pair, 1, eq - 1)] = plain(substr(pair, eq + 2, length(pair) - eq - 2))
      }
      if (v["TYPE"] == "disk") {
        d = v["NAME"]
        if (v["SIZE"] + 0 == 0) { d = ""; continue }
        disks[++count] = d
        fact[d] = "\"path\":" json(d) ",\"serial\":" text(v["SERIAL"]) ",\"wwn\":" text(v["WWN"]) ",\"size\":" v["SIZE"] ",\"model\":" text(v["MODEL"])
        kind(d, v["PTTYPE"], "")
        m = split(sections["signatures " d], f, "\n")
        for (k = 1; k <= m; k++) if (f[k] != "" && substr(f[k], 1, 1) != "#") {
          eq = split(f[k], fields, ",")
          label = f[k]; sub(/^[^,]*,[^,]*,/, "", label); sub(/,?[^,]*$/, "", label)
          if (trim(fields[eq]) != "PMBR") kind(d, trim(fields[eq]), label)
        }
      } else if (v["TYPE"] == "rom" || v["TYPE"] == "loop") d = ""
      if (d == "") continue
      kind(d, v["FSTYPE"], v["LABEL"])
      if (v["MOUNTPOINT"] != "") mounted[d] = 1
      if (v["TYPE"] != "disk") below[d] = 1
      if (v["TYPE"] == "part") parts[d] = parts[d] (number[d]++ ? "," : "") json(v["PARTLABEL"])
    }
    for (i = 1; i <= count; i++) {
      d = disks[i]; head = trim(sections["head " d])
      if (content[d] == "" && head != "0") content[d] = head ~ /^[0-9]+$/ ? "unknown data" : "unreadable"
      if (content[d] == "" && (d in mounted)) content[d] = "unknown data"
      printf "%s{%s,\"content\":%s,\"blank\":%s,\"mounted\":%s,\"partitions\":[%s]}", i == 1 ? "" : ",", fact[d], json(content[d] == "" ? "blank" : content[d]), content[d] == "" && !(d in below) ? "true" : "false", d in mounted ? "true" : "false", parts[d]
    }
  }
  /^=== / { name = substr($0, 5); sections[name] = ""; next }
  name != "" { sections[name] = sections[name] (sections[name] == "" ? "" : "\n") $0 }
  END {
    printf "{\"version\":1,\"installer\":%s", ("\n" sections["os-release"] "\n") ~ /\nVARIANT_ID="?installer"?\n/ ? "true" : "false"
    printf ",\"node\":%s,\"nonce\":%s,\"bootId\":%s", text(parameter("flint.node")), text(parameter("flint.nonce")), text(sections["boot-id"])
    printf ",\"serial\":%s,\"uuid\":%s,\"product\":%s", text(sections["serial"]), text(tolower(sections["uuid"])), text(sections["product"])
    printf ",\"firmware\":%s,\"memoryKiB\":%d", trim(sections["firmware"]) == "uefi" ? "\"uefi\"" : "\"bios\"", sections["memory"]
    cpu = trim(sections["cpu"]); model = cpu; sub(/^[0-9]* */, "", model)
    printf ",\"cpu\":{\"model\":%s,\"threads\":%d},\"cards\":[", text(model), cpu
    cards = split(sections["nics"], nics, "\n")
    for (i = 1; i <= cards; i++) if (split(nics[i], nic, " ") == 2) printf "%s{\"name\":%s,\"mac\":%s}", written++ ? "," : "", json(nic[1]), json(tolower(nic[2]))
    printf "],\"disks\":["
    devices()
    print "]}"
  }'
