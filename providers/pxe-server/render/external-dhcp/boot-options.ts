import { BOOT_FILES, HTTP_BOOT } from "../boot-files.js";

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

/** A boot file by the client architectures (option 93) that ask for it, in the order in which a server must look. */
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

/** Boot files of firmware. */
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
  ];
}
