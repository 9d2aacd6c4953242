import { createHash } from "node:crypto";
import type { NodeInputs } from "./schema.js";

/** A file of the installed system that must not pass through the nix store. */
export interface MaterialFile {
  /** Absolute path on the installed system. */
  path: string;
  mode: number;
  content: string;
}

const SECRETS = "/etc/nixos/secrets";

/** Certificates, keys and the join configuration of one node. Private keys are 0600. */
export function materialFiles(want: Pick<NodeInputs, "material" | "config">): MaterialFile[] {
  const { material } = want;
  const text = (content: string) => (content.endsWith("\n") ? content : `${content}\n`);
  return [
    { path: `${SECRETS}/ca.crt`, mode: 0o644, content: text(material.ca) },
    { path: `${SECRETS}/node.crt`, mode: 0o644, content: text(material.cert) },
    { path: `${SECRETS}/node.key`, mode: 0o600, content: text(material.key) },
    { path: `${SECRETS}/cluster-config.json`, mode: 0o600, content: `${JSON.stringify(want.config, null, 2)}\n` },
    { path: "/etc/ssh/ssh_host_ed25519_key", mode: 0o600, content: text(material.hostKey) },
    { path: "/etc/ssh/ssh_host_ed25519_key.pub", mode: 0o644, content: text(material.hostKeyPublic) },
  ];
}

/** `sha256sum`-style digest of a file's content. */
export function digestOf(content: string): string {
  return createHash("sha256").update(content).digest("hex");
}
