import { architectureBoots, type ExternalDhcp, iPxeScript } from "./boot-options.js";

/**
 * For Kea's DHCPv4 server (Administrator Reference Manual, "Client Classification"): to be merged into `Dhcp4`. A class that
 * asks for KNOWN is looked at when the reservation was found, so that other machines keep what they have.
 */
export function renderKea(dhcp: ExternalDhcp): string {
  const name = (part: string) => `flint-${dhcp.cluster}-${part}`;
  const shared = { "next-server": dhcp.address };
  const iPxe = "substring(option[77].hex, 0, 4) == 'iPXE'";
  const boots = architectureBoots(dhcp).map(({ name: part, architectures, file, vendorClass }) => ({
    name: name(part),
    test: `member('KNOWN') and not (${iPxe}) and (${architectures.map((code) => `option[93].hex == ${hex(code)}`).join(" or ")})`,
    ...shared,
    "boot-file-name": file,
    ...(vendorClass === undefined
      ? {}
      : { "option-data": [{ name: "vendor-class-identifier", data: vendorClass, "always-send": true }] }),
  }));
  const config = {
    Dhcp4: {
      "client-classes": [
        { name: name("ipxe"), test: `member('KNOWN') and ${iPxe}`, ...shared, "boot-file-name": iPxeScript(dhcp) },
        ...boots,
      ],
      subnet4: [
        {
          id: 1,
          subnet: dhcp.cidr,
          reservations: dhcp.machines.map(({ name: hostname, mac, address }) => ({
            hostname,
            "hw-address": mac,
            "ip-address": address,
          })),
        },
      ],
    },
  };
  return `// Flint, cluster ${dhcp.cluster}: network boot by Kea. Merge it into Dhcp4; the subnet's id is yours.\n${JSON.stringify(config, undefined, 2)}\n`;
}

/** 16 → `0x0010`. */
function hex(code: number): string {
  return `0x${code.toString(16).padStart(4, "0")}`;
}
