import { z } from "zod";
import { type CipherSuite, IPMI_LONGEST } from "../../drivers/bmc/ipmi/address.js";
import type { SecretSource } from "./args.js";
import { type Problem, pathText } from "./problem.js";
import { type Bmc, type Cluster, clusterSchema, type Image, type SshHost, textSource } from "./schema.js";
import { readFlake, type SystemSource } from "./source-flake.js";
import { readImages } from "./source-images.js";
import { type Secret, SourceReader } from "./source-reader.js";

/** A provisioning host: this machine, or another with its keys read. */
export type HostAccess = { local: true } | SshAccess;

/** A host that is reached by ssh, with its keys read. */
export interface SshAccess {
  host: string;
  user: string;
  /** Set when the account is not root: it becomes root by sudo. Never for a host that is only gone through. */
  sudo?: true;
  port: number;
  privateKey: Secret;
  hostKeys: string[];
  jump?: SshAccess;
}

/** A BMC with its credentials read. */
export type BmcAccess =
  | { type: "manual" }
  | { type: "wake-on-lan" }
  | {
      type: "redfish";
      url: string;
      username: string;
      password: Secret;
      ca?: string;
      fingerprint?: string;
      system?: string;
      chassis?: string;
    }
  | {
      type: "ipmi";
      host: string;
      port?: number;
      username: string;
      password: Secret;
      cipherSuite?: CipherSuite;
      chassis?: string;
    };

export type BmcDefaults = Partial<
  Pick<Extract<BmcAccess, { type: "redfish" }>, "username" | "password" | "ca" | "fingerprint">
>;

/** Everything that the configuration only names: keys, passwords, certificates, directories. */
export interface Sources {
  host: HostAccess;
  bmc: Record<string, BmcAccess>;
  /** What BMCs that say nothing of their own have in common. */
  bmcDefaults: BmcDefaults;
  system: SystemSource;
  images: Partial<Record<string, Image>>;
  /** Keys of encrypted data disks, by machine. */
  dataKeys: Record<string, Secret>;
}

/** Reads what the configuration names. Collects problems instead of stopping at the first missing file. */
export function readSources(cluster: Cluster, directory: string): { sources: Sources; problems: Problem[] } {
  const reader = new SourceReader(directory);
  const sources = {
    host: readProvisioningHost(reader, cluster.pxe.host),
    bmc: Object.fromEntries(
      Object.entries(cluster.nodes).map(([name, node]) => [
        name,
        readBmc(reader, node.bmc, cluster.bmc, `nodes.${name}.bmc`),
      ]),
    ),
    bmcDefaults: readBmcDefaults(reader, cluster.bmc),
    system: readFlake(reader, cluster.system),
    images: readImages(reader, cluster.images),
    dataKeys: Object.fromEntries(
      Object.entries(cluster.nodes).flatMap(([name, { disk }]) =>
        disk.data?.key === undefined ? [] : [[name, readDataKey(reader, disk.data.key, `nodes.${name}.disk.data.key`)]],
      ),
    ),
  };
  return { sources, problems: reader.problems };
}

/** What is missing of that which a configuration names that is wrong elsewhere, too: told in the same list. */
export function namedSourceProblems(raw: unknown, directory: string): Problem[] {
  const reader = new SourceReader(directory);
  const { pxe, system } = sections.catch({}).parse(raw);
  if (pxe !== undefined) readProvisioningHost(reader, pxe.host);
  if (system !== undefined) readFlake(reader, system);
  const visit = (value: unknown, path: PropertyKey[]): void => {
    if (typeof value !== "object" || value === null) return;
    if (path.length > 0 && isNamed(value)) reader.text(value, pathText(path));
    else
      for (const [key, inner] of Object.entries(value))
        visit(inner, [...path, Array.isArray(value) ? Number(key) : key]);
  };
  visit(raw, []);
  const paths = reader.problems.map(({ path }) => path);
  return reader.problems.filter(({ path }, at) => paths.indexOf(path) === at);
}

/** Those that are sound in themselves. */
const sections = z.object({
  pxe: clusterSchema.shape.pxe.optional().catch(undefined),
  system: clusterSchema.shape.system.optional().catch(undefined),
});

function isNamed(value: object): value is { file: string } | { env: string } {
  return textSource.read(value) !== undefined;
}

function readBmc(reader: SourceReader, declared: Bmc, common: Cluster["bmc"], path: string): BmcAccess {
  if (declared.ipmi !== undefined) return readIpmi(reader, declared, declared.ipmi, common, path);
  if (declared.wakeOnLan === true) return { type: "wake-on-lan" };
  if (declared.redfish === undefined) return { type: "manual" };
  const place = (key: keyof Cluster["bmc"]) => (declared[key] === undefined ? `bmc.${key}` : `${path}.${key}`);
  const ca = declared.ca ?? (declared.fingerprint === undefined ? common.ca : undefined);
  const fingerprint = declared.fingerprint ?? (declared.ca === undefined ? common.fingerprint : undefined);
  const pem = ca === undefined ? undefined : reader.certificate(ca, place("ca"));
  return {
    type: "redfish",
    url: declared.redfish,
    username: declared.username ?? common.username ?? "",
    password: reader.secret(declared.password ?? common.password ?? "", place("password")),
    ...(pem === undefined ? {} : { ca: pem }),
    ...(fingerprint === undefined ? {} : { fingerprint }),
    ...(declared.system === undefined ? {} : { system: declared.system }),
    ...(declared.chassis === undefined ? {} : { chassis: declared.chassis }),
  };
}

function readIpmi(reader: SourceReader, declared: Bmc, ipmi: string, common: Cluster["bmc"], path: string): BmcAccess {
  const [host = "", port] = ipmi.split(":");
  const place = (key: keyof typeof IPMI_LONGEST) => (declared[key] === undefined ? `bmc.${key}` : `${path}.${key}`);
  const username = declared.username ?? common.username ?? "";
  const password = reader.secret(declared.password ?? common.password ?? "", place("password"));
  for (const [key, value] of [["username", username] as const, ["password", password] as const]) {
    if (typeof value !== "string" || Buffer.byteLength(value) <= IPMI_LONGEST[key]) continue;
    reader.report({
      path: place(key),
      found: `${Buffer.byteLength(value)} bytes`,
      allowed: `at most ${IPMI_LONGEST[key]} bytes for IPMI (${path})`,
      remedy: `Give the BMC's account a shorter ${key}, or reach it by redfish.`,
    });
  }
  return {
    type: "ipmi",
    host,
    ...(port === undefined ? {} : { port: Number(port) }),
    username,
    password,
    ...(declared.cipherSuite === undefined ? {} : { cipherSuite: declared.cipherSuite }),
    ...(declared.chassis === undefined ? {} : { chassis: declared.chassis }),
  };
}

function readBmcDefaults(reader: SourceReader, { username, password, ca, fingerprint }: Cluster["bmc"]): BmcDefaults {
  return {
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password: reader.secret(password, "bmc.password") }),
    ...(ca === undefined ? {} : { ca: reader.certificate(ca, "bmc.ca") }),
    ...(fingerprint === undefined ? {} : { fingerprint }),
  };
}

function readDataKey(reader: SourceReader, source: SecretSource, path: string): Secret {
  const key = reader.secret(source, path);
  if (typeof key === "string" && key !== "" && key.length < 16) {
    reader.report({
      path,
      found: `a key of ${key.length} characters`,
      allowed: "at least 16 characters",
      remedy: "Make one with `openssl rand -base64 32`.",
    });
  }
  return key;
}

function readProvisioningHost(reader: SourceReader, declared: Cluster["pxe"]["host"]): HostAccess {
  if ("local" in declared) return { local: true };
  const host = readHost(reader, declared, "pxe.host");
  return host.user === "root" ? host : { ...host, sudo: true };
}

/** A host's login, and that of the hosts on the way. */
function readHost(
  reader: SourceReader,
  declared: Omit<SshHost, "jump"> & { jump?: SshHost["jump"] },
  path: string,
): SshAccess {
  const [user = "root", host = ""] = declared.ssh.split("@");
  const privateKey = reader.secret(declared.privateKey, `${path}.privateKey`);
  if (typeof privateKey === "string" && privateKey !== "" && !privateKey.includes("PRIVATE KEY-----")) {
    reader.report({
      path: `${path}.privateKey`,
      found: "text that is no private key",
      allowed: "an OpenSSH or PEM private key without a passphrase",
      remedy: "Name the private key's file, not the .pub file.",
    });
  }
  return {
    host,
    user,
    port: declared.port,
    privateKey,
    hostKeys: declared.hostKey.flatMap((source) => reader.publicKeys(source, `${path}.hostKey`)),
    ...(declared.jump === undefined ? {} : { jump: readHost(reader, declared.jump, `${path}.jump`) }),
  };
}
