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
/** Where an installed system has the key of its encrypted data disk. */
export const DATA_KEY = `${SECRETS}/data.key`;
const PLACES = {
  ca: `${SECRETS}/ca.crt`,
  cert: `${SECRETS}/node.crt`,
  key: `${SECRETS}/node.key`,
  config: `${SECRETS}/cluster-config.json`,
  dataKey: DATA_KEY,
  hostKey: "/etc/ssh/ssh_host_ed25519_key",
  hostKeyPublic: "/etc/ssh/ssh_host_ed25519_key.pub",
};
/** Where they are on every installed system. */
export const MATERIAL_PATHS: readonly string[] = Object.values(PLACES);

/** Certificates, keys and the join configuration of one node. Private keys are 0600. */
export function materialFiles(
  want: Pick<NodeInputs, "material" | "config" | "cert" | "ca" | "hostKeyPublic">,
): MaterialFile[] {
  const { material } = want;
  const text = (content: string) => (content.endsWith("\n") ? content : `${content}\n`);
  return [
    { path: PLACES.ca, mode: 0o644, content: text(want.ca) },
    { path: PLACES.cert, mode: 0o644, content: text(want.cert) },
    { path: PLACES.key, mode: 0o600, content: text(material.key) },
    { path: PLACES.config, mode: 0o600, content: `${JSON.stringify(want.config, null, 2)}\n` },
    ...(material.dataKey === undefined ? [] : [{ path: DATA_KEY, mode: 0o600, content: text(material.dataKey) }]),
    { path: PLACES.hostKey, mode: 0o600, content: text(material.hostKey) },
    { path: PLACES.hostKeyPublic, mode: 0o644, content: text(want.hostKeyPublic) },
  ];
}

type Material = Parameters<typeof materialFiles>[0];

/** The same for a machine that is to join a cluster that lives, though it is declared to form one. */
export function joining<W extends Material>(want: W): W {
  return { ...want, config: { ...want.config, bootstrap: false } };
}

/**
 * What is declared to be on a machine, by path: the digests of its files. A configuration with which it joined instead of
 * forming the cluster is as good: what the machine has is what counts then.
 */
export function wantedDigests(
  want: Material,
  found: Readonly<Record<string, string | undefined>>,
): Record<string, string> {
  const wanted = digestsOf(materialFiles(want));
  const joined = digestsOf(materialFiles(joining(want)))[PLACES.config];
  return joined !== undefined && found[PLACES.config] === joined ? { ...wanted, [PLACES.config]: joined } : wanted;
}

/** `sha256sum`-style digest of a file's content. */
export function digestOf(content: string): string {
  return createHash("sha256").update(content).digest("hex");
}

/** One digest over all of them, out of each one's by path: what the state keeps to see later whether one changed. */
export function filesDigest(digests: Readonly<Record<string, string | undefined>>): string {
  return digestOf(
    MATERIAL_PATHS.filter((path) => path !== DATA_KEY || path in digests)
      .map((path) => `${path} ${digests[path] ?? "absent"}\n`)
      .join(""),
  ).slice(0, 16);
}

/** Path → digest. */
export function digestsOf(files: readonly MaterialFile[]): Record<string, string> {
  return Object.fromEntries(files.map((file) => [file.path, digestOf(file.content)]));
}
