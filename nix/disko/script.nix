# Text of the script that lays a node's disks out: all of them are found first, then `format` (disko's own script, or what
# stands in for it) runs. A disk that is missing or in doubt ends it before the first write.
{ disk, format }: ''
  #!/bin/sh
  set -eu
  phase() { if command -v flint-console > /dev/null; then flint-console phase "$1" || :; fi; }
  phase "finding the disks"
  sh -s -- ${builtins.concatStringsSep " " (import ./find-arguments.nix disk)} --link /dev/disk/by-flint <<'FIND_DISK'
  ${builtins.readFile ./find-disk.sh}FIND_DISK
  phase "laying the disks out"
  ${format}
''
