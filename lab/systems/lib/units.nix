# Unit and network files from option values, as text: { "chainfire.service" = "[Unit]…"; … }. Pure.
{ lib }:
let
  value = v: if builtins.isBool v then lib.boolToString v else toString v;
  # A list is a line per element, as for NixOS.
  lines = set: lib.concatStringsSep "" (lib.mapAttrsToList
    (key: v: lib.concatMapStrings (item: "${key}=${value item}\n") (if builtins.isList v then v else [ v ]))
    set);
  section = name: set: lib.optionalString (set != { }) "[${name}]\n${lines set}\n";
  # Known since systemd 254; the rack's Debian may have an older one, which says so at every start.
  known = set: removeAttrs set [ "RestartSteps" "RestartMaxDelaySec" ];
  words = set: lib.filterAttrs (_: v: v != "") (builtins.mapAttrs (_: toString) set);
  # Quoted as systemd reads it; a percent sign would be a specifier.
  environment = name: v: builtins.toJSON "${name}=${builtins.replaceStrings [ "%" ] [ "%%" ] v}";
in
{
  service = unit:
    let
      path = lib.optionalAttrs (unit.path != [ ]) {
        PATH = lib.concatStringsSep ":" (lib.unique (builtins.concatMap (p: [ "${p}/bin" "${p}/sbin" ]) unit.path));
      };
      variables = lib.mapAttrsToList environment (path // unit.environment);
    in
    section "Unit" (words { Description = unit.description; After = unit.after; Before = unit.before; Wants = unit.wants; Requires = unit.requires; } // unit.unitConfig)
    + section "Service" (lib.optionalAttrs (variables != [ ]) { Environment = variables; } // known unit.serviceConfig);

  network = net: section "Match" net.matchConfig + section "Link" net.linkConfig + section "Network" net.networkConfig + section "DHCPv4" net.dhcpV4Config;
  netdev = dev: section "NetDev" dev.netdevConfig + section "VLAN" dev.vlanConfig + section "Bond" dev.bondConfig;
}
