import { ARM64, BOOT_FILES, HTTP_BOOT } from "../boot-files.js";

/** What the administrator of another DHCP server needs to know. */
export interface ExternalDhcp {
  cluster: string;
  /** The provisioning network. */
  cidr: string;
  /** Where TFTP is served. */
  address: string;
  /** Where HTTP is served, without a slash at the end. */
  httpUrl: string;
  machines: { name: string; mac: string; address: string }[];
}

/**
 * A boot file by the client architectures that ask for it: option 93 (RFC 4578, 2.1), with IANA's numbers in "Processor
 * Architecture Types" (the registry of RFC 5970): 11 and 19 are 64-bit ARM, UEFI, by TFTP and by HTTP.
 */
export interface ArchitectureBoot {
  /** Part of a name: `efi64`. */
  name: string;
  architectures: number[];
  file: string;
  /** The firmware takes it only from a server that says so in option 60. */
  vendorClass?: "HTTPClient";
}

/** Loaded by iPXE, which is known by its user class (option 77). */
export function iPxeScript({ httpUrl }: ExternalDhcp): string {
  return `${httpUrl}/boot.ipxe`;
}

/** Boot files of firmware; also that for ARM, which the provisioning host has or has not: it is not asked when this is told. */
export function architectureBoots({ httpUrl }: ExternalDhcp): ArchitectureBoot[] {
  const byTag = Map.groupBy(BOOT_FILES, ({ tag }) => tag);
  return [
    ...[...byTag].map(([name, files]) => ({
      name,
      architectures: files.map(({ arch }) => arch),
      file: files[0]?.file ?? "",
    })),
    {
      name: HTTP_BOOT.tag,
      architectures: [HTTP_BOOT.arch],
      file: `${httpUrl}${HTTP_BOOT.path}`,
      vendorClass: "HTTPClient",
    },
    { name: ARM64.tag, architectures: [ARM64.tftp], file: ARM64.file },
    {
      name: `${ARM64.tag}http`,
      architectures: [ARM64.http],
      file: `${httpUrl}/boot/${ARM64.file}`,
      vendorClass: "HTTPClient",
    },
  ];
}
