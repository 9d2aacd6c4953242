import type { ExternalDhcp } from "./boot-options.js";
import { renderDnsmasqOptions } from "./dnsmasq.js";
import { renderIscDhcpd } from "./isc-dhcpd.js";
import { renderKea } from "./kea.js";
import { renderRouterOs } from "./routeros.js";

/** The same options in the words of each server. */
export function externalDhcpOptions(dhcp: ExternalDhcp): Record<"iscDhcpd" | "kea" | "dnsmasq" | "routeros", string> {
  return {
    iscDhcpd: renderIscDhcpd(dhcp),
    kea: renderKea(dhcp),
    dnsmasq: renderDnsmasqOptions(dhcp),
    routeros: renderRouterOs(dhcp),
  };
}
