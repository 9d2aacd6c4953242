import { z } from "zod";
import type { SshSession } from "../../drivers/ssh/target.js";

/**
 * What Flint remembers of a node on the provisioning host, outside of Pulumi's state: a killed `up` goes on from here.
 * The installer's host key lives only as long as the attempt.
 */
const recordSchema = z.object({
  version: z.literal(1),
  node: z.string(),
  /** The mark of the installation that this attempt is for. */
  mark: z.string(),
  /** The card of the machine that it is for. Records of older releases have none. */
  mac: z.string().optional(),
  /** Names this boot attempt in the boot script and in the installer. */
  nonce: z.string(),
  installerKey: z.object({ privateKey: z.string(), publicKey: z.string() }).optional(),
  /** The boot source was set on a BMC that knows no one-time override, or was about to be, and was not taken back yet. */
  lasting: z.boolean().optional(),
  /** An earlier attempt of this installation had begun to write its disks. */
  written: z.boolean().optional(),
  /** Path of the image's initrd: an installer of another image is started again instead of being used. */
  initrd: z.string().optional(),
  /** `wiping`: its disks were found to be this installation's, and are being made unreadable; `wiped`: they are. */
  phase: z.enum(["booting", "installing", "installed", "ready", "wiping", "wiped"]),
  toplevel: z.string().optional(),
});
export type NodeRecord = z.infer<typeof recordSchema>;

/** Whether the installation is on its disk. */
export function isFinished(record: Pick<NodeRecord, "phase"> | undefined): boolean {
  return record?.phase === "installed" || record?.phase === "ready";
}

/** Where a node's record is kept on the provisioning host. */
export function recordPath(root: string, node: string): string {
  return `${root}/nodes/${node}/record.json`;
}

/** The node's record; undefined when there is none or it is unreadable (then nothing is assumed of the machine). */
export async function readRecord(host: SshSession, root: string, node: string): Promise<NodeRecord | undefined> {
  return parseRecord(await host.readFile(recordPath(root, node)));
}

/** As `readRecord`, of its file. */
export function parseRecord(content: Buffer | undefined): NodeRecord | undefined {
  if (content === undefined) return undefined;
  try {
    return recordSchema.parse(JSON.parse(content.toString("utf8")));
  } catch {
    return undefined;
  }
}

export async function writeRecord(host: SshSession, root: string, record: NodeRecord): Promise<void> {
  const { path, content, mode } = recordFile(root, record);
  await host.writeFile(path, content, mode);
}

/** The record as a file on the provisioning host. */
export function recordFile(root: string, record: NodeRecord) {
  return { path: recordPath(root, record.node), content: `${JSON.stringify(record, null, 2)}\n`, mode: 0o600 };
}
