import {
  bootScriptPath,
  type DiskBoot,
  keysPath,
  macHyphen,
  renderDiskScript,
  renderInstallScript,
} from "../../providers/bare-metal-node/render/boot-script.js";
import { renderDhcpHost } from "../../providers/bare-metal-node/render/dhcp-host.js";
import type { BootServer } from "./boot-server.js";

export interface DeclaredNode {
  name: string;
  mac: string;
  address: string;
}

const NONCE = "0123456789abcdef";

/** What an installer is here: a script that tells the web server that it runs, and on which platform. */
const PAYLOAD = (httpUrl: string) => `#!ipxe
imgfetch ${httpUrl}/report?mac=\${netX/mac:hexhyp}&platform=\${platform} ||
sleep 600
`;

/** Files of a netboot image; a kernel may also be an iPXE script. */
export interface BenchImage {
  kernel: string | Buffer;
  initrd: string | Buffer;
  /** A cpio archive that is laid over the initrd. */
  keys: string | Buffer;
}

/** Registers a node as BareMetalNode does before it powers it on. @param image Default: one that only reports. */
export function declareForInstall(
  server: BootServer,
  node: DeclaredNode,
  { kernel, initrd, keys }: BenchImage = { kernel: PAYLOAD(server.httpUrl), initrd: "initrd", keys: "keys" },
): void {
  const file = (path: string) => ({ path, size: 1 });
  server.put(`dnsmasq/hosts.d/${node.name}`, renderDhcpHost(node));
  server.put("http/images/kernel", kernel);
  server.put("http/images/initrd", initrd);
  server.put(`http/${keysPath(node.address, NONCE)}`, keys);
  const image = { kernel: file("/images/kernel"), initrd: file("/images/initrd"), cmdline: "console=ttyS0" };
  server.put(
    `http/${bootScriptPath(node.mac)}`,
    renderInstallScript({ ...node, node: node.name, httpUrl: server.httpUrl, nonce: NONCE, image }),
  );
}

/** Registers a finished node. */
export function declareForDisk(
  server: BootServer,
  node: DeclaredNode & Pick<DiskBoot, "firmware" | "bootFromDisk">,
): void {
  server.put(`dnsmasq/hosts.d/${node.name}`, renderDhcpHost(node));
  server.put(`http/${bootScriptPath(node.mac)}`, renderDiskScript({ ...node, httpUrl: server.httpUrl }));
}

/** What the machine fetched from the web server, in order, without repetitions. */
export function fetchedBy(server: BootServer, address: string): string[] {
  const own = server.web().filter(({ ip, status }) => ip === address && status === 200);
  return [...new Set(own.map(({ uri }) => uri.split("?")[0] ?? ""))];
}

/** The platform that the installer reported. */
export function installerReport(server: BootServer, { mac }: DeclaredNode): string | undefined {
  const reports = server.web().map(({ uri }) => new URL(uri, server.httpUrl));
  const own = reports.find((url) => url.pathname === "/report" && url.searchParams.get("mac") === macHyphen(mac));
  return own?.searchParams.get("platform") ?? undefined;
}
