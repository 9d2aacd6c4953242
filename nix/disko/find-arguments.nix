# Arguments of find-disk.sh for a disk as cluster.json describes it, each quoted for a shell.
disk:
let
  quote = s: "'${builtins.replaceStrings [ "'" ] [ "'\\''" ] (toString s)}'";
  flag = key: name: if disk ? ${key} then [ name (quote disk.${key}) ] else [ ];
in
flag "serial" "--serial" ++ flag "wwn" "--wwn" ++ flag "minSize" "--min-size" ++ flag "maxSize" "--max-size"
