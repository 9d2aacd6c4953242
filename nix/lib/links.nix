# systemd-networkd's devices and networks from a node's networks: { netdevs; networks; }, in the shape of NixOS' options. Pure.
#
# A network lies on a carrier: a card, known by its MAC address, or a bond of several. Networks on the same carrier share its
# one .network file (networkd applies the first that matches, and no other); a network with a VLAN tag gets a device on top.
networks:
let
  inherit (builtins) attrNames concatLists concatMap concatStringsSep elemAt filter foldl' genList head length listToAttrs map;
  each = list: make: listToAttrs (concatMap make list);
  optional = condition: value: if condition then [ value ] else [ ];
  set = condition: value: if condition then value else { };
  listed = map (name: networks.${name} // { inherit name; }) (attrNames networks);

  carrierOf = network: if network.bond == null then network.mac else concatStringsSep "+" network.bond.members;
  keys = foldl' (seen: network: if builtins.elem (carrierOf network) seen then seen else seen ++ [ (carrierOf network) ]) [ ] listed;
  carriers = map
    (key:
      let on = filter (network: carrierOf network == key) listed; in
      {
        networks = on;
        inherit (head on) mac bond;
        untagged = filter (network: network.vlan == null) on;
        tagged = filter (network: network.vlan != null) on;
      })
    keys;
  bonds = filter (carrier: carrier.bond != null) carriers;
  bonded = genList (i: elemAt bonds i // { device = "bond${toString i}"; }) (length bonds);
  single = filter (carrier: carrier.bond == null) carriers;

  largest = list: foldl' (a: b: if b != null && (a == null || b > a) then b else a) null (map (network: network.mtu) list);
  mtu = list: let bytes = largest list; in set (bytes != null) { MTUBytes = toString bytes; };
  device = network: "vlan${toString network.vlan}";

  # Addresses of the networks that share one link.
  addressing = list:
    let
      static = filter (network: !network.dhcp) list;
      gateways = concatMap (network: optional (network.gateway != null) network.gateway) static;
      dns = concatLists (map (network: network.dns) list);
    in
    {
      # Everything that waits for network-online.target needs the addresses, not just a cable.
      linkConfig = mtu list // { RequiredForOnline = if list == [ ] then "no" else "routable"; };
      networkConfig = {
        LinkLocalAddressing = "no";
        IPv6AcceptRA = false;
        DHCP = if length static == length list then "no" else "ipv4";
      }
      // set (static != [ ]) { Address = map (network: "${network.address}/${toString network.prefixLength}") static; }
      // set (gateways != [ ]) { Gateway = gateways; }
      // set (dns != [ ]) { DNS = dns; };
    }
    # The client id is the MAC address, as for firmware, iPXE and the installer: with systemd's default (a DUID made of the
    # machine id) an installed system is another client, and gets another address.
    // set (length static != length list) { dhcpV4Config = { ClientIdentifier = "mac"; UseHostname = false; UseDNS = dns == [ ]; }; };

  carrierNetwork = carrier: matchConfig:
    let it = addressing carrier.untagged; in
    {
      name = "10-${concatStringsSep "-" (map (network: network.name) (if carrier.untagged == [ ] then carrier.tagged else carrier.untagged))}${if carrier.untagged == [ ] then "-carrier" else ""}";
      value = it // {
        inherit matchConfig;
        # A VLAN cannot carry larger packets than what is below it.
        linkConfig = it.linkConfig // mtu carrier.networks;
        networkConfig = it.networkConfig // set (carrier.tagged != [ ]) { VLAN = map device carrier.tagged; };
      };
    };
in
{
  netdevs =
    each bonded (carrier: [{
      name = "10-${carrier.device}";
      value = {
        netdevConfig = { Kind = "bond"; Name = carrier.device; MACAddress = carrier.mac; };
        bondConfig = { Mode = carrier.bond.mode; MIIMonitorSec = "100ms"; }
        // set (carrier.bond.mode == "802.3ad") { LACPTransmitRate = "fast"; }
        // set (builtins.elem carrier.bond.mode [ "802.3ad" "balance-xor" ]) { TransmitHashPolicy = "layer3+4"; };
      };
    }])
    // each (filter (network: network.vlan != null) listed) (network: [{
      name = "20-${device network}";
      value = {
        netdevConfig = { Kind = "vlan"; Name = device network; } // mtu [ network ];
        vlanConfig.Id = network.vlan;
      };
    }]);

  networks =
    # `Type` leaves out bridges, bonds and VLANs that took over the card's MAC address.
    each single (carrier: [ (carrierNetwork carrier { MACAddress = carrier.mac; Type = "ether"; }) ])
    // each bonded (carrier: [ (carrierNetwork carrier { Name = carrier.device; }) ])
    // each bonded (carrier: genList
      (i: {
        name = "05-${carrier.device}-${toString i}";
        value = {
          # In a bond a card shows the bond's address; its own is the permanent one.
          matchConfig.PermanentMACAddress = elemAt carrier.bond.members i;
          linkConfig.RequiredForOnline = "no"; # a pulled cable must not hold up the boot
          networkConfig.Bond = carrier.device;
        };
      })
      (length carrier.bond.members))
    // each (filter (network: network.vlan != null) listed) (network: [{
      name = "20-${network.name}";
      value = addressing [ network ] // { matchConfig.Name = device network; };
    }]);
}
