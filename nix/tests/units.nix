# The unit files of a node, as text by file name: { "chainfire.service" = "[Unit]…"; }. For tests without NixOS, in NixOS' form.
{ lib, config }:
let
  inherit (builtins) concatMap concatStringsSep isBool isList listToAttrs map toJSON toString;
  value = v: if isBool v then lib.boolToString v else toString v;
  section = name: set: "[${name}]\n${concatStringsSep "" (lib.mapAttrsToList
    (key: v: lib.concatMapStrings (item: "${key}=${value item}\n") (if isList v then v else [ v ])) set)}";
  # Units that were made by others' options (sshd and the like) are not ours to test.
  unit = name: it:
    section "Unit" ({ Description = it.description; After = concatStringsSep " " it.after; Requires = concatStringsSep " " it.requires; Wants = concatStringsSep " " it.wants; } // it.unitConfig)
    + section "Service" ({ Environment = lib.mapAttrsToList (key: v: toJSON "${key}=${v}") it.environment; } // it.serviceConfig);
  network = it: section "Match" it.matchConfig + section "Link" it.linkConfig + section "Network" it.networkConfig + section "DHCPv4" it.dhcpV4Config;
  netdev = it: section "NetDev" it.netdevConfig + section "VLAN" it.vlanConfig + section "Bond" it.bondConfig;
  files = suffix: render: set: listToAttrs (map (name: { name = "${name}.${suffix}"; value = render set.${name}; }) (builtins.attrNames set));
in
{
  services = listToAttrs (concatMap (name: [{ name = "${name}.service"; value = unit name config.systemd.services.${name}; }]) (builtins.attrNames config.systemd.services));
  networks = files "network" network config.systemd.network.networks // files "netdev" netdev config.systemd.network.netdevs;
}
