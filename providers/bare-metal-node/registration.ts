import type { SshSession } from "../../drivers/ssh/target.js";
import type { CardOwner } from "./card-owner.js";
import { forgetOthersLease } from "./lease.js";
import { type NodeRecord, parseRecord, recordFile, recordPath } from "./record.js";
import type { ImagePointer } from "./render/boot-script.js";
import {
  bootScriptOwner,
  bootScriptPath,
  keysPath,
  renderDiskScript,
  renderInstallScript,
} from "./render/boot-script.js";
import { dhcpHostPath, renderDhcpHost } from "./render/dhcp-host.js";
import { renderArchive } from "./render/keys-archive.js";
import type { NodeInputs, StoredNode } from "./schema.js";

/** What the provisioning host holds for a node. */
export interface Registration {
  record: NodeRecord | undefined;
  dhcpHost: string | undefined;
  bootScript: string | undefined;
}

/** Whose registration it is, and where. */
type Registered = Pick<StoredNode, "name" | "mac"> & { pxe: Pick<StoredNode["pxe"], "root"> };

const dhcpPath = (want: Registered) => dhcpHostPath(want.pxe.root, want.name);
const scriptPath = (want: Registered) => `${want.pxe.root}/http/${bootScriptPath(want.mac)}`;
const keysDirectory = (want: StoredNode) => `${want.pxe.root}/http/keys/${want.addresses.provisioning}`;

function dhcpHostFile(want: StoredNode) {
  const { mac, name, addresses } = want;
  return { path: dhcpPath(want), content: renderDhcpHost({ mac, address: addresses.provisioning, name }) };
}

/** The machine's boot script as the provisioning host has it. */
export async function readBootScript(host: SshSession, want: StoredNode): Promise<string | undefined> {
  return (await host.readFile(scriptPath(want)))?.toString("utf8");
}

export async function readRegistration(host: SshSession, want: Registered): Promise<Registration> {
  const paths = [recordPath(want.pxe.root, want.name), dhcpPath(want), scriptPath(want)];
  const [record, dhcpHost, bootScript] = await host.readFiles(paths);
  return {
    record: parseRecord(record),
    dhcpHost: dhcpHost?.toString("utf8"),
    bootScript: bootScript?.toString("utf8"),
  };
}

/**
 * Gives the node its address, its record, and a boot script that loads the installer with this attempt's keys: the script as the
 * last of them, because it is what says that all of this was done.
 */
export async function registerForInstall(
  host: SshSession,
  want: NodeInputs,
  record: NodeRecord,
  image: ImagePointer,
  /** Of an attempt before this one. */
  earlier?: NodeRecord,
  /** Under another name: what is left of that would give the machine two addresses. */
  owner?: CardOwner,
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
  const script = renderInstallScript({
    node: want.name,
    mac: want.mac,
    address,
    httpUrl: want.pxe.httpUrl,
    nonce: record.nonce,
    image,
  });
  await forgetOthersLease(host, want);
  const stale = await scriptOfOtherCard(host, want, earlier);
  await host.writeFiles(
    [
      recordFile(want.pxe.root, record),
      dhcpHostFile(want),
      { path: `${want.pxe.root}/http/${keysPath(address, record.nonce)}`, content: archive },
      { path: scriptPath(want), content: script },
    ],
    [keysDirectory(want), ...stale, ...(owner?.files ?? [])],
  );
}

/**
 * The boot script of another card, under which a killed run had begun to install this machine, and which is declared no more: it
 * would be offered an installer for ever. Another machine may have that card by now.
 */
async function scriptOfOtherCard(
  host: SshSession,
  want: NodeInputs,
  earlier: NodeRecord | undefined,
): Promise<string[]> {
  if (earlier?.mac === undefined || earlier.mac === want.mac) return [];
  const path = `${want.pxe.root}/http/${bootScriptPath(earlier.mac)}`;
  const owner = bootScriptOwner((await host.readFile(path))?.toString("utf8"));
  return owner === want.name ? [path] : [];
}

/** The keys have done their work as soon as the installer is up. */
export async function withdrawKeys(host: SshSession, want: NodeInputs): Promise<void> {
  await host.exec(["rm", "-rf", keysDirectory(want)]);
}

/** The declared way back to the disk. */
export function diskScript({ name, firmware, bootFromDisk, pxe }: NodeInputs): string {
  return renderDiskScript({ name, firmware, bootFromDisk, httpUrl: pxe.httpUrl });
}

/** From now on the machine boots from its disk, also when the firmware starts from the network first. */
export async function registerForDisk(host: SshSession, want: NodeInputs): Promise<void> {
  // A run that was killed while the machine booted has left its keys. The script comes last, so that this step is made again.
  await host.writeFiles(
    [dhcpHostFile(want), { path: scriptPath(want), content: diskScript(want) }],
    [keysDirectory(want)],
  );
}

/**
 * Removes everything the provisioning host holds for a node; where its machine is another node now, without what is of the machine.
 * Its DHCP server forgets the address on SIGHUP.
 */
export async function unregister(host: SshSession, want: StoredNode, isAnothers = false): Promise<void> {
  const own = [dhcpPath(want), `${want.pxe.root}/nodes/${want.name}`];
  await host.exec(["rm", "-rf", ...own, ...(isAnothers ? [] : [scriptPath(want), keysDirectory(want)])]);
  await host.exec(["systemctl", "kill", "--signal=SIGHUP", `flint-${want.cluster}-dnsmasq.service`], {
    okCodes: [1, 3, 4, 5],
  });
}
