import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { execa } from "execa";
import type { Layout } from "./layout.js";
import { ensureFile, privateDirectory } from "./private-files.js";

/**
 * Makes the operator's login key, the provisioning host's own key and the BMCs' password, as far as missing. The password has
 * 16 characters: IPMI knows 20, and ipmi_sim reads no more than these.
 */
export async function ensureCredentials(layout: Layout): Promise<number> {
  privateDirectory(layout.dir);
  const made = await Promise.all([
    ensureKeyPair(layout.operatorKey, `operator of rack ${layout.rack}`),
    ensureKeyPair(layout.hostKey, `provisioning host of rack ${layout.rack}`),
    ensureFile(layout.bmcPassword, () => randomBytes(12).toString("base64url")),
  ]);
  return made.filter(Boolean).length;
}

async function ensureKeyPair(path: string, comment: string): Promise<boolean> {
  if (existsSync(path) && existsSync(`${path}.pub`)) return false;
  await execa("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", comment, "-f", path], { input: "y\n" });
  return true;
}
