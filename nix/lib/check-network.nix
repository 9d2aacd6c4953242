# Problems of one network in a node's entry of cluster.json: path: network: [ text ].
{ problem, matches }:
let
  inherit (builtins) all attrNames concatMap elem isAttrs isBool isInt isList isString;
  octet = "(25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])";
  address = "${octet}\\.${octet}\\.${octet}\\.${octet}";
  mac = "[0-9a-f]{2}(:[0-9a-f]{2}){5}";
  known = [ "address" "bond" "dhcp" "dns" "gateway" "mac" "mtu" "prefixLength" "vlan" ];
  modes = [ "802.3ad" "active-backup" "balance-xor" "balance-alb" "balance-tlb" ];
  between = low: high: v: isInt v && v >= low && v <= high;
in
path: network:
let
  given = key: ok: expected: problem (!(network ? ${key}) || ok network.${key}) "${path}.${key}" expected (network.${key} or null);
in
problem (matches mac (network.mac or null)) "${path}.mac" "a MAC address such as 52:54:00:00:00:01" (network.mac or null)
++ problem (matches address (network.address or null)) "${path}.address" "an IPv4 address" (network.address or null)
++ problem (between 1 32 (network.prefixLength or null)) "${path}.prefixLength" "a number from 1 to 32" (network.prefixLength or null)
++ given "gateway" (matches address) "an IPv4 address"
++ given "dns" (v: isList v && all isString v) "a list of addresses"
++ given "dhcp" isBool "true or false"
++ given "mtu" (between 576 9216) "a number from 576 to 9216"
++ given "vlan" (between 1 4094) "a number from 1 to 4094"
++ given "bond" (v: isAttrs v && isList (v.members or null) && all (matches mac) v.members && elem (v.mode or "802.3ad") modes)
  "members (MAC addresses) and a mode (${toString modes})"
++ concatMap (key: problem (elem key known) "${path}.${key}" "one of ${toString known} as key" key) (attrNames network)
