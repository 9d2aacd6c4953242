import type { SshSession } from "../../drivers/ssh/target.js";
import { parseRecord, recordPath } from "./record.js";
import { bootScriptKind, bootScriptOwner, bootScriptPath, keysPath } from "./render/boot-script.js";
import { addressInDhcpHost, dhcpHostPath } from "./render/dhcp-host.js";
import type { StoredNode } from "./schema.js";

/** Another node as which a machine's card is registered. */
export interface CardOwner {
  name: string;
  /** It was installed as that one: it boots from its disk. Else its installation was begun. */
  finished: boolean;
  /** What was to be taken back on its BMC, as the record of that one says. */
  lasting: boolean;
  /** What the provisioning host holds for that node beside the boot script. */
  files: string[];
}

type Carded = Pick<StoredNode, "name" | "mac" | "pxe">;

/** Undefined where the machine is registered as this node, or not at all. Reads only. */
export async function ownerOfCard(host: SshSession, want: Carded): Promise<CardOwner | undefined> {
  const script = await host.readFile(`${want.pxe.root}/http/${bootScriptPath(want.mac)}`);
  return ownerByScript(host, want, script?.toString("utf8"));
}

/** The same, of a machine whose boot script is known: that of this node takes no more of the host. */
export async function ownerByScript(
  host: SshSession,
  { name, mac, pxe }: Carded,
  script: string | undefined,
): Promise<CardOwner | undefined> {
  const owner = bootScriptOwner(script);
  if (owner === undefined || owner === name) return undefined;
  const entry = dhcpHostPath(pxe.root, owner);
  const [written, dhcpHost] = await host.readFiles([recordPath(pxe.root, owner), entry]);
  const record = parseRecord(written);
  // That node has another machine by now: this one is nobody's.
  if (record?.mac !== undefined && record.mac !== mac) return undefined;
  const address = addressInDhcpHost(dhcpHost?.toString("utf8") ?? "");
  return {
    name: owner,
    finished: bootScriptKind(script) === "disk",
    lasting: record?.lasting === true,
    files: [
      entry,
      `${pxe.root}/nodes/${owner}`,
      ...(address === undefined || record === undefined ? [] : [`${pxe.root}/http/${keysPath(address, record.nonce)}`]),
    ],
  };
}
