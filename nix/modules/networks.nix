# Static addresses on the node's cards, found by MAC address, and the names of the nodes that this one talks to first.
{ config, lib, ... }:
let
  node = config.flint.node;
  domain = config.flint.cluster.domain;
in
{
  config = {
    networking.useDHCP = false;
    systemd.network.enable = true;
    systemd.network.networks = lib.mapAttrs'
      (name: card: lib.nameValuePair "10-${name}" {
        matchConfig.MACAddress = card.mac;
        linkConfig.RequiredForOnline = "routable";
        networkConfig = {
          Address = [ "${card.address}/${toString card.prefixLength}" ];
          LinkLocalAddressing = "no";
          IPv6AcceptRA = false;
          DHCP = "no";
        }
        // lib.optionalAttrs (card.gateway != null) { Gateway = [ card.gateway ]; }
        // lib.optionalAttrs (card.dns != [ ]) { DNS = card.dns; };
      })
      node.networks;

    # A name leads to the cluster network where there is one: that is where the services talk to each other.
    networking.hosts = lib.mapAttrs'
      (name: addresses: lib.nameValuePair (addresses.cluster or addresses.provisioning) [ "${name}.${domain}" name ])
      node.hosts;
  };
}
