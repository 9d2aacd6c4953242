import type { SshSession } from "../../drivers/ssh/target.js";
import { forgetOthersLease } from "./lease.js";
import type { NodeRecord } from "./record.js";
import type { ImagePointer } from "./render/boot-script.js";
import { bootScriptPath, keysPath, renderDiskScript, renderInstallScript } from "./render/boot-script.js";
import { renderDhcpHost } from "./render/dhcp-host.js";
import { renderArchive } from "./render/keys-archive.js";
import type { NodeInputs, StoredNode } from "./schema.js";

/** What the provisioning host holds for a node. */
export interface Registration {
  dhcpHost: string | undefined;
  bootScript: string | undefined;
}

const dhcpPath = (want: StoredNode) => `${want.pxe.root}/dnsmasq/hosts.d/${want.name}`;
const scriptPath = (want: StoredNode) => `${want.pxe.root}/http/${bootScriptPath(want.mac)}`;

export async function readRegistration(host: SshSession, want: StoredNode): Promise<Registration> {
  const [dhcpHost, bootScript] = await Promise.all([host.readFile(dhcpPath(want)), host.readFile(scriptPath(want))]);
  return { dhcpHost: dhcpHost?.toString("utf8"), bootScript: bootScript?.toString("utf8") };
}

/** Gives the node its address, and a boot script that loads the installer with this attempt's keys. */
export async function registerForInstall(
  host: SshSession,
  want: NodeInputs,
  record: NodeRecord,
  image: ImagePointer,
): Promise<void> {
  const { provisioning: address } = want.addresses;
  const installerKey = record.installerKey ?? { privateKey: "", publicKey: "" };
  const boot = { cluster: want.cluster, node: want.name, nonce: record.nonce };
  const archive = renderArchive([
    { path: "flint/authorized_keys", mode: 0o600, content: `${want.loginKey.publicKey.trim()}\n` },
    { path: "flint/ssh_host_ed25519_key", mode: 0o600, content: installerKey.privateKey },
    { path: "flint/ssh_host_ed25519_key.pub", mode: 0o644, content: `${installerKey.publicKey}\n` },
    { path: "flint/boot.json", mode: 0o644, content: `${JSON.stringify(boot)}\n` },
  ]);
  await writeIfChanged(host, dhcpPath(want), renderDhcpHost({ mac: want.mac, address, name: want.name }));
  await forgetOthersLease(host, want);
  await host.exec(["rm", "-rf", `${want.pxe.root}/http/keys/${address}`]);
  await host.writeFile(`${want.pxe.root}/http/${keysPath(address, record.nonce)}`, archive, 0o644);
  const script = renderInstallScript({
    node: want.name,
    mac: want.mac,
    address,
    httpUrl: want.pxe.httpUrl,
    nonce: record.nonce,
    image,
  });
  await writeIfChanged(host, scriptPath(want), script);
}

/** The keys have done their work as soon as the installer is up. */
export async function withdrawKeys(host: SshSession, want: NodeInputs): Promise<void> {
  await host.exec(["rm", "-rf", `${want.pxe.root}/http/keys/${want.addresses.provisioning}`]);
}

/** The declared way back to the disk. */
export function diskScript({ name, firmware, bootFromDisk, pxe }: NodeInputs): string {
  return renderDiskScript({ name, firmware, bootFromDisk, httpUrl: pxe.httpUrl });
}

/** From now on the machine boots from its disk, also when the firmware starts from the network first. */
export async function registerForDisk(host: SshSession, want: NodeInputs): Promise<void> {
  const { provisioning: address } = want.addresses;
  await writeIfChanged(host, dhcpPath(want), renderDhcpHost({ mac: want.mac, address, name: want.name }));
  // A run that was killed while the machine booted has not done so; before the script, so that this step is made again.
  await withdrawKeys(host, want);
  await writeIfChanged(host, scriptPath(want), diskScript(want));
}

/** Removes everything the provisioning host holds for a node. Its DHCP server forgets the address on SIGHUP. */
export async function unregister(host: SshSession, want: StoredNode): Promise<void> {
  const { root } = want.pxe;
  await host.exec(
    ["rm", "-rf", dhcpPath(want), scriptPath(want), `${root}/nodes/${want.name}`].concat([
      `${root}/http/keys/${want.addresses.provisioning}`,
    ]),
  );
  await host.exec(["systemctl", "kill", "--signal=SIGHUP", `flint-${want.cluster}-dnsmasq.service`], {
    okCodes: [1, 3, 4, 5],
  });
}

async function writeIfChanged(host: SshSession, path: string, content: string): Promise<void> {
  const now = await host.readFile(path);
  if (now?.toString("utf8") !== content) await host.writeFile(path, content, 0o644);
}
