# Text of the script that lays a node's disks out: all of them are found first, then `format` (disko's own script, or what
# stands in for it) runs. A disk that is missing or in doubt ends it before the first write.
#
# An installation that was cut off runs it again in the same installer. What is laid out and mounted then stays as it is; and
# the second run waits for the first, which may go on although the connection that began it has ended. A restart forgets both,
# with the mounts: /run is in memory.
{ disk, format }:
let
  work = builtins.hashString "sha256" (builtins.toJSON [ disk (builtins.unsafeDiscardStringContext format) ]);
in
''
  #!/bin/sh
  set -eu
  phase() { if command -v flint-console > /dev/null; then flint-console phase "$1" || :; fi; }
  laid_out=/run/flint/laid-out
  mkdir -p /run/flint
  exec 9> /run/flint/disks.lock
  flock 9
  if [ "$(cat "$laid_out" 2> /dev/null)" = ${work} ] && grep -q ' /mnt ' /proc/mounts; then
    echo "the disks are laid out and mounted already"
    exit 0
  fi
  rm -f "$laid_out"
  phase "finding the disks"
  sh -s -- ${builtins.concatStringsSep " " (import ./find-arguments.nix disk)} --link /dev/disk/by-flint <<'FIND_DISK'
  ${builtins.readFile ./find-disk.sh}FIND_DISK
  phase "laying the disks out"
  # Programs that stay, as an array's monitor, must not keep the lock.
  (
  ${format}
  ) 9>&-
  echo ${work} > "$laid_out"
''
