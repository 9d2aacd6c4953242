import type { SshSession } from "../../drivers/ssh/target.js";
import { FlintError } from "../../foundation/errors.js";
import { rootOf } from "../pxe-server/schema.js";
import { open, seal } from "./seal.js";

/** Below it a cluster's keys are kept on its provisioning host: each file sealed, and 0600. */
export const keysDirectory = (cluster: string) => `${rootOf(cluster)}/keys`;

export interface KeptFile {
  cluster: string;
  /** "cluster", or a machine's name. */
  name: string;
  /** What it is sealed with. */
  secret: string;
}

const pathOf = ({ cluster, name }: Omit<KeptFile, "secret">) =>
  `${keysDirectory(cluster)}/${name === "cluster" ? name : `nodes/${name}`}.json`;
const subjectOf = ({ cluster, name }: KeptFile) => `${cluster}/${name}`;

/** What is kept, or undefined when there is no such file. @throws FlintError `KEYS_SEALED`. */
export async function readKept(host: SshSession, file: KeptFile): Promise<string | undefined> {
  const content = await host.readFile(pathOf(file));
  if (content === undefined) return undefined;
  const opened = open(file.secret, subjectOf(file), content.toString("utf8"));
  if (typeof opened === "object" && "text" in opened) return opened.text;
  throw new FlintError("KEYS_SEALED", {
    subject: `${file.name === "cluster" ? `cluster ${file.cluster}` : file.name}, ${pathOf(file)} on ${host.target.name}`,
    expected: "the keys of a cluster that was there before this stack, and that this stack can open",
    found:
      opened === "damaged" ? "that the file is damaged" : `that they are sealed with another key (${opened.sealedBy})`,
    remedy:
      "Restore the stack's state, or set pxe.host.privateKey to the key that it was when that stack was last updated. If the machines are to be given up, remove the file. Nothing was changed.",
  });
}

/** What is kept, as far as this key opens it: whatever else is there is to be written anew. */
export async function readOwn(host: SshSession, file: KeptFile): Promise<string | undefined> {
  const content = await host.readFile(pathOf(file));
  const opened = content === undefined ? "damaged" : open(file.secret, subjectOf(file), content.toString("utf8"));
  return typeof opened === "object" && "text" in opened ? opened.text : undefined;
}

/** Whether there is such a file, whoever can open it. */
export async function isKept(host: SshSession, file: Omit<KeptFile, "secret">): Promise<boolean> {
  return (await host.readFile(pathOf(file))) !== undefined;
}

export async function writeKept(host: SshSession, file: KeptFile, text: string): Promise<void> {
  await host.writeFile(pathOf(file), seal(file.secret, subjectOf(file), text), 0o600);
}

export async function removeKept(host: SshSession, file: KeptFile): Promise<void> {
  await host.exec(["rm", "-f", pathOf(file)]);
}
