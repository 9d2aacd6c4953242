# A check: the closure of a node's system holds no private key.
{ pkgs, toplevel, name }:
pkgs.runCommand "${name}-store-secrets" { closure = pkgs.closureInfo { rootPaths = [ toplevel ]; }; } ''
  xargs sh ${./store-secrets.sh} -- < "$closure/store-paths" > "$out"
''
