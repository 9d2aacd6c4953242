import ipaddr from "ipaddr.js";
import type { PxeInputs } from "../schema.js";
import { rootOf } from "../schema.js";
import { advertises, routerAdvertisements } from "./advertisement.js";
import { ARM64, BOOT_FILES, HTTP_BOOT } from "./boot-files.js";

/** What of a host decides on its configuration. */
export interface HostTraits {
  ipv6: boolean;
  /** It has iPXE for 64-bit ARM. */
  arm64?: boolean;
}

/** dnsmasq's configuration: TFTP and, unless another server does all of it, DHCP (full or proxy) on one interface; no DNS. */
export function renderDnsmasq(want: PxeInputs, host: HostTraits): string {
  const root = rootOf(want.cluster);
  const { mode } = want.dhcp;
  const lines = [
    `# Written by Flint for cluster ${want.cluster}. Changes are overwritten.`,
    "# No DNS.",
    "port=0",
    `interface=${want.interface}`,
    "except-interface=lo",
    "bind-dynamic",
    ...(mode === "external" ? [] : ["log-dhcp"]),
    `log-facility=${root}/log/dnsmasq.log`,
    "enable-tftp",
    `tftp-root=${root}/tftp`,
    "# Machines that boot all at once ask for one small file each.",
    "tftp-max=500",
    ...(mode === "external" ? ["# No DHCP: another server gives out addresses and boot files."] : dhcp(want, host)),
  ];
  return `${lines.join("\n")}\n`;
}

/** Where dnsmasq finds what `renderDhcpOptions` renders. */
export function dhcpOptionsPath(cluster: string): string {
  return `${rootOf(cluster)}/dnsmasq/dhcp-options`;
}

/**
 * What machines are told beside their address, apart from the configuration: dnsmasq reads the configuration at its start
 * only, this file again on SIGHUP (dnsmasq(8), --dhcp-optsfile), so that a change interrupts no TFTP transfer. Mode `full`.
 */
export function renderDhcpOptions(want: PxeInputs): string {
  const lines = [
    `# Written by Flint for cluster ${want.cluster}. Changes are overwritten.`,
    "# An option without a value is not sent: dnsmasq would name itself as router and name server.",
    `option:router${want.gateway === undefined ? "" : `,${want.gateway}`}`,
    `option:dns-server${want.dns.map((server) => `,${server}`).join("")}`,
  ];
  return `${lines.join("\n")}\n`;
}

function dhcp(want: PxeInputs, host: HostTraits): string[] {
  return [
    "",
    "# iPXE says so itself; firmware says which architecture it is.",
    "dhcp-userclass=set:ipxe,iPXE",
    ...BOOT_FILES.map(({ tag, arch }) => `dhcp-match=set:${tag},option:client-arch,${arch}`),
    ...(host.arm64 ? [`dhcp-match=set:${ARM64.tag},option:client-arch,${ARM64.tftp}`] : []),
    ...(want.dhcp.mode === "full" ? full(want, host) : proxy(want, host)),
  ];
}

function full(want: PxeInputs, host: HostTraits): string[] {
  const [network, mask] = netOf(want.cidr);
  const { range, leaseTime } = want.dhcp;
  const root = rootOf(want.cluster);
  return [
    `dhcp-match=set:${HTTP_BOOT.tag},option:client-arch,${HTTP_BOOT.arch}`,
    ...(host.arm64 ? [`dhcp-match=set:${ARM64.tag}http,option:client-arch,${ARM64.http}`] : []),
    "",
    "# Known machines: one file each, read as soon as it is written. Others get an address from the pool, if there is one.",
    `dhcp-hostsdir=${root}/dnsmasq/hosts.d`,
    `dhcp-leasefile=${root}/dnsmasq/leases`,
    "dhcp-authoritative",
    range === undefined
      ? `dhcp-range=${network},static,${mask},${leaseTime}`
      : `dhcp-range=${range[0]},${range[1]},${mask},${leaseTime}`,
    "# Router and name servers: read again on a reload, as the known machines are.",
    `dhcp-optsfile=${dhcpOptionsPath(want.cluster)}`,
    `domain=${want.domain}`,
    "",
    "# Some firmware reads the boot file only where BOOTP had it, and not from the options.",
    "dhcp-no-override",
    ...boot(want),
    `dhcp-boot=tag:${HTTP_BOOT.tag},tag:!ipxe,${want.httpUrl}${HTTP_BOOT.path}`,
    "# UEFI takes an HTTP boot file only from a server that calls itself HTTPClient.",
    `dhcp-option-force=tag:${HTTP_BOOT.tag},tag:!ipxe,60,HTTPClient`,
    ...(host.arm64
      ? [
          `dhcp-boot=tag:${ARM64.tag},tag:!ipxe,${ARM64.file},,${want.address}`,
          `dhcp-boot=tag:${ARM64.tag}http,tag:!ipxe,${want.httpUrl}/boot/${ARM64.file}`,
          `dhcp-option-force=tag:${ARM64.tag}http,tag:!ipxe,60,HTTPClient`,
        ]
      : []),
    "# iPXE would wait 3 s for ProxyDHCP offers.",
    "dhcp-option=tag:ipxe,encap:175,176,1b",
    ...(advertises(want, host) ? routerAdvertisements(want) : []),
  ];
}

/** Beside another DHCP server: answers on port 67 for BIOS, and on 4011, where UEFI insists on asking again. */
function proxy(want: PxeInputs, { arm64 }: HostTraits): string[] {
  const [network, mask] = netOf(want.cidr);
  const url = `${want.httpUrl}/boot.ipxe`;
  return [
    "",
    "# Addresses come from another server; this one only adds what is needed to boot.",
    `dhcp-range=${network},proxy,${mask}`,
    ...[...BOOT_FILES, ...(arm64 ? [ARM64] : [])].flatMap(({ service, file }) => [
      `pxe-service=tag:!ipxe,${service},"Flint",${file}`,
      `pxe-service=tag:ipxe,${service},"Flint",${url}`,
    ]),
    `dhcp-boot=tag:ipxe,${url}`,
  ];
}

function boot(want: PxeInputs): string[] {
  const tags = [...new Map(BOOT_FILES.map(({ tag, file }) => [tag as string, file as string]))];
  return [
    ...tags.map(([tag, file]) => `dhcp-boot=tag:${tag},tag:!ipxe,${file},,${want.address}`),
    `dhcp-boot=tag:ipxe,${want.httpUrl}/boot.ipxe`,
  ];
}

/** `10.0.100.0/24` → network and mask. */
function netOf(cidr: string): [string, string] {
  const [, prefix] = ipaddr.IPv4.parseCIDR(cidr);
  return [
    ipaddr.IPv4.networkAddressFromCIDR(cidr).toString(),
    ipaddr.IPv4.subnetMaskFromPrefixLength(prefix).toString(),
  ];
}
