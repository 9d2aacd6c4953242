# Firewall rules as text, for nftables and for iptables, from a list of
# { what; port; to = address of this node; from = [ network… ], empty for anyone }. Pure.
let
  inherit (builtins) concatMap concatStringsSep map;
  lines = list: concatStringsSep "" (map (line: "${line}\n") list);
in
{
  nftables = rules: lines (map
    ({ what, port, to, from }:
      "ip daddr ${to} ${if from == [ ] then "" else "ip saddr { ${concatStringsSep ", " from} } "}tcp dport ${toString port} accept comment \"${what}\"")
    rules);

  # For networking.firewall.extraCommands, which may run again and again: the chain is made anew each time.
  iptables = rules: lines (concatMap
    ({ what, port, to, from }: map
      (source: "iptables -w -A nixos-fw -p tcp -d ${to} ${if source == null then "" else "-s ${source} "}--dport ${toString port} -m comment --comment \"${what}\" -j nixos-fw-accept")
      (if from == [ ] then [ null ] else from))
    rules);
}
