# Arguments of find-disk.sh for the disks of one node as cluster.json describes them, each quoted for a shell: one role per
# disk (`system`, `mirror`, `data`), and the mark that no other disk may carry.
disk:
let
  quote = s: "'${builtins.replaceStrings [ "'" ] [ "'\\''" ] (toString s)}'";
  flag = of: key: name: if of ? ${key} then [ name (quote of.${key}) ] else [ ];
  criteria = of: flag of "serial" "--serial" ++ flag of "wwn" "--wwn" ++ flag of "minSize" "--min-size" ++ flag of "maxSize" "--max-size";
  role = name: of: [ "--disk" name ] ++ criteria of;
in
[ "--mark" (quote disk.mark) ]
++ role "system" disk
++ (if disk ? mirror then role "mirror" disk.mirror else [ ])
++ (if disk ? data then role "data" disk.data else [ ])
