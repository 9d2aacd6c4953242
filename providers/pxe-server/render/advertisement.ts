import { createHash } from "node:crypto";
import type { PxeInputs } from "../schema.js";

/**
 * A unique local prefix (RFC 4193) of this cluster: `fdxx:xxxx:xxxx:1`. iPXE waits about 13 s for an IPv6 router
 * advertisement at each boot; with one it goes on at once.
 */
export function localPrefix(cluster: string): string {
  const hash = createHash("sha256").update(`flint ${cluster}`).digest("hex");
  return `fd${hash.slice(0, 2)}:${hash.slice(2, 6)}:${hash.slice(6, 10)}:1`;
}

/** The address that the service puts on the interface while it runs; dnsmasq only advertises prefixes it has. */
export function localAddress(cluster: string): string {
  return `${localPrefix(cluster)}::1/64`;
}

/** The whole prefix: addresses that the host gave itself because of the advertisement go with the service. */
export function localNetwork(cluster: string): string {
  return `${localPrefix(cluster)}::/64`;
}

/** Only DHCP of our own, and only on the machines' own link. */
export function advertises({ dhcp }: PxeInputs, host: { ipv6: boolean }): boolean {
  return host.ipv6 && dhcp.mode === "full" && dhcp.relay !== true;
}

/** Advertises the prefix without offering a way anywhere: a router lifetime of 0. */
export function routerAdvertisements(want: PxeInputs): string[] {
  return [
    "# iPXE would wait 13 s for a router advertisement.",
    "enable-ra",
    `dhcp-range=${localPrefix(want.cluster)}::,ra-only,64,120`,
    `ra-param=${want.interface},0,0`,
  ];
}
