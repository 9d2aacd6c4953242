import { architectureBoots, type ExternalDhcp, iPxeScript } from "./boot-options.js";

/** For another dnsmasq (dnsmasq(8)): tags of our own, and set for our machines only. */
export function renderDnsmasqOptions(dhcp: ExternalDhcp): string {
  const tag = (part: string) => `flint-${dhcp.cluster}-${part}`;
  const known = `tag:${tag("node")}`;
  const firmware = `${known},tag:!${tag("ipxe")}`;
  const boots = architectureBoots(dhcp);
  return [
    `# Flint, cluster ${dhcp.cluster}: network boot by dnsmasq. Goes beside the dhcp-range of ${dhcp.cidr}.`,
    `dhcp-userclass=set:${tag("ipxe")},iPXE`,
    ...boots.flatMap(({ name, architectures }) =>
      architectures.map((code) => `dhcp-match=set:${tag(name)},option:client-arch,${code}`),
    ),
    `dhcp-boot=${known},tag:${tag("ipxe")},${iPxeScript(dhcp)},,${dhcp.address}`,
    ...boots.flatMap(({ name, file, vendorClass }) => [
      `dhcp-boot=${firmware},tag:${tag(name)},${file},,${dhcp.address}`,
      ...(vendorClass === undefined ? [] : [`dhcp-option-force=${firmware},tag:${tag(name)},60,${vendorClass}`]),
    ]),
    ...dhcp.machines.map(({ name, mac, address }) => `dhcp-host=${mac},id:*,set:${tag("node")},${address},${name}`),
    "",
  ].join("\n");
}
