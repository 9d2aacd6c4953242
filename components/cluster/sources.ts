import { existsSync, readFileSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { resolve } from "node:path";
import type { SecretSource, TextSource } from "./args.js";
import { combinedDigest, directoryDigest, TooLarge } from "./digest.js";
import { publicKey } from "./formats.js";
import { type Problem, pathText, shown } from "./problem.js";
import { type Bmc, type Cluster, type Image, type SshHost, textSource } from "./schema.js";

/** A secret as it is passed on: text that is known now, or an output of another resource. */
export type Secret = Exclude<SecretSource, { file: string } | { env: string }>;

/** A host with its keys read. */
export interface HostAccess {
  host: string;
  user: string;
  port: number;
  privateKey: Secret;
  hostKeys: string[];
  jump?: HostAccess;
}

/** A BMC with its credentials read. */
export type BmcAccess =
  | { type: "manual" }
  | {
      type: "redfish";
      url: string;
      username: string;
      password: Secret;
      ca?: string;
      fingerprint?: string;
      system?: string;
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
  system: { flake: string; inputs: Record<string, string>; digest: string };
  images: Partial<Record<string, Image>>;
  /** Keys of encrypted data disks, by machine. */
  dataKeys: Record<string, Secret>;
}

/** Reads what the configuration names. Collects problems instead of stopping at the first missing file. */
export function readSources(cluster: Cluster, directory: string): { sources: Sources; problems: Problem[] } {
  const reader = new SourceReader(directory);
  const sources = {
    host: reader.host(cluster.pxe.host, "pxe.host"),
    bmc: Object.fromEntries(
      Object.entries(cluster.nodes).map(([name, node]) => [
        name,
        reader.bmc(node.bmc, cluster.bmc, `nodes.${name}.bmc`),
      ]),
    ),
    bmcDefaults: reader.bmcDefaults(cluster.bmc),
    system: reader.system(cluster.system),
    images: reader.images(cluster.images),
    dataKeys: Object.fromEntries(
      Object.entries(cluster.nodes).flatMap(([name, { disk }]) =>
        disk.data?.key === undefined ? [] : [[name, reader.dataKey(disk.data.key, `nodes.${name}.disk.data.key`)]],
      ),
    ),
  };
  return { sources, problems: reader.problems };
}

/** Missing files and variables of a configuration that is wrong elsewhere too: named in the same list. */
export function namedSourceProblems(raw: unknown, directory: string): Problem[] {
  const reader = new SourceReader(directory);
  const visit = (value: unknown, path: PropertyKey[]): void => {
    if (typeof value !== "object" || value === null) return;
    if (path.length > 0 && isNamed(value)) reader.text(value, pathText(path));
    else
      for (const [key, inner] of Object.entries(value))
        visit(inner, [...path, Array.isArray(value) ? Number(key) : key]);
  };
  visit(raw, []);
  return reader.problems;
}

function isNamed(value: object): value is { file: string } | { env: string } {
  return textSource.read(value) !== undefined;
}

class SourceReader {
  readonly problems: Problem[] = [];
  private readonly reported = new Set<string>();

  constructor(private readonly directory: string) {}

  /** A default that many nodes share is reported once. */
  private report(problem: Problem): void {
    if (this.reported.has(problem.path)) return;
    this.reported.add(problem.path);
    this.problems.push(problem);
  }

  text(source: TextSource, path: string): string {
    if (typeof source === "string") return source;
    if ("env" in source) {
      const value = process.env[source.env];
      if (value !== undefined && value !== "") return value;
      const allowed = "an environment variable that is set and not empty";
      this.report({ path, found: `the variable ${source.env} is not set`, allowed, remedy: `Set ${source.env}.` });
      return "";
    }
    const file = resolve(this.directory, source.file.replace(/^~(?=\/)/, homedir()));
    try {
      const content = readFileSync(file, "utf8");
      if (content.trim() !== "") return content.replace(/\r?\n$/, "");
      this.report({
        path,
        found: `the file ${source.file} is empty`,
        allowed: "a file with content",
        remedy: "Fill it, or name another.",
      });
    } catch (error) {
      const missing = error instanceof Error && "code" in error && error.code === "ENOENT";
      this.report({
        path,
        found: missing ? `the file ${source.file} does not exist` : `the file ${source.file} cannot be read`,
        allowed: `a readable file; relative paths start at ${this.directory}`,
        remedy: missing ? "Create it, or name another." : "Let the user who runs Pulumi read it.",
      });
    }
    return "";
  }

  /** Outputs of other resources are known only later and pass unread. */
  private secret(source: SecretSource, path: string): Secret {
    if (typeof source === "string") return source;
    if ("file" in source || "env" in source) return this.text(source as TextSource, path);
    return source;
  }

  dataKey(source: SecretSource, path: string): Secret {
    const key = this.secret(source, path);
    if (typeof key === "string" && key !== "" && key.length < 16) {
      this.report({
        path,
        found: `a key of ${key.length} characters`,
        allowed: "at least 16 characters",
        remedy: "Make one with `openssl rand -base64 32`.",
      });
    }
    return key;
  }

  host(declared: Omit<SshHost, "jump"> & { jump?: SshHost["jump"] }, path: string): HostAccess {
    const [user = "root", host = ""] = declared.ssh.split("@");
    const privateKey = this.secret(declared.privateKey, `${path}.privateKey`);
    if (typeof privateKey === "string" && privateKey !== "" && !privateKey.includes("PRIVATE KEY-----")) {
      this.report({
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
      hostKeys: declared.hostKey.flatMap((source) => this.publicKeys(source, `${path}.hostKey`)),
      ...(declared.jump === undefined ? {} : { jump: this.host(declared.jump, `${path}.jump`) }),
    };
  }

  private publicKeys(source: TextSource, path: string): string[] {
    const lines = this.text(source, path)
      .split("\n")
      .map((line) => line.trim())
      .filter((line) => line !== "" && !line.startsWith("#"));
    return lines.flatMap((line) => {
      const key = publicKey.read(line);
      if (key !== undefined) return [key];
      this.report({ path, found: shown(line), allowed: publicKey.allowed, remedy: publicKey.remedy });
      return [];
    });
  }

  bmc(declared: Bmc, common: Cluster["bmc"], path: string): BmcAccess {
    if (declared.redfish === undefined) return { type: "manual" };
    const place = (key: keyof Cluster["bmc"]) => (declared[key] === undefined ? `bmc.${key}` : `${path}.${key}`);
    const ca = declared.ca ?? (declared.fingerprint === undefined ? common.ca : undefined);
    const fingerprint = declared.fingerprint ?? (declared.ca === undefined ? common.fingerprint : undefined);
    const pem = ca === undefined ? undefined : this.certificate(ca, place("ca"));
    return {
      type: "redfish",
      url: declared.redfish,
      username: declared.username ?? common.username ?? "",
      password: this.secret(declared.password ?? common.password ?? "", place("password")),
      ...(pem === undefined ? {} : { ca: pem }),
      ...(fingerprint === undefined ? {} : { fingerprint }),
      ...(declared.system === undefined ? {} : { system: declared.system }),
    };
  }

  bmcDefaults({ username, password, ca, fingerprint }: Cluster["bmc"]): BmcDefaults {
    return {
      ...(username === undefined ? {} : { username }),
      ...(password === undefined ? {} : { password: this.secret(password, "bmc.password") }),
      ...(ca === undefined ? {} : { ca: this.certificate(ca, "bmc.ca") }),
      ...(fingerprint === undefined ? {} : { fingerprint }),
    };
  }

  private certificate(source: TextSource, path: string): string {
    const pem = this.text(source, path);
    if (pem !== "" && !pem.includes("-----BEGIN CERTIFICATE-----")) {
      this.report({
        path,
        found: "text that is no certificate",
        allowed: "certificates in PEM form",
        remedy: "Name the CA's .pem file.",
      });
    }
    return pem;
  }

  system(declared: Cluster["system"]): Sources["system"] {
    const flake = this.flakeReference(declared.flake, "system.flake");
    if (flake.digest !== undefined && !existsSync(resolve(flake.reference, "flake.nix"))) {
      this.report({
        path: "system.flake",
        found: `${shown(declared.flake)} has no flake.nix`,
        allowed: "a directory with a flake.nix, or a flake reference",
        remedy: "Name the directory that holds the flake.",
      });
    }
    const inputs = Object.entries(declared.inputs).map(
      ([name, reference]) => [name, this.flakeReference(reference, `system.inputs.${name}`)] as const,
    );
    const digests = Object.fromEntries(
      inputs.map(([name, { reference, digest }]) => [`input ${name}`, digest ?? reference]),
    );
    return {
      flake: flake.reference,
      inputs: Object.fromEntries(inputs.map(([name, { reference }]) => [name, reference])),
      digest: combinedDigest({ ...digests, flake: flake.digest ?? flake.reference }),
    };
  }

  /** `./nix` and `/srv/nix` are directories; everything else is a reference that nix understands. */
  private flakeReference(text: string, path: string): { reference: string; digest?: string } {
    if (!/^(\.{0,2}\/|\.{1,2}$)/.test(text)) return { reference: text };
    const reference = resolve(this.directory, text);
    if (!existsSync(reference) || !statSync(reference).isDirectory()) {
      this.report({
        path,
        found: `the directory ${text} does not exist`,
        allowed: `a directory (relative paths start at ${this.directory}) or a flake reference`,
        remedy: "Create it, or name another.",
      });
      return { reference };
    }
    try {
      return { reference, digest: directoryDigest(reference) };
    } catch (error) {
      if (!(error instanceof TooLarge)) throw error;
      this.report({
        path,
        found: `${shown(text)} has ${error.message}`,
        allowed: "a flake's source directory",
        remedy: "Move the flake into a directory of its own, without data and build results.",
      });
      return { reference };
    }
  }

  images(declared: Cluster["images"]): Partial<Record<string, Image>> {
    return Object.fromEntries(
      Object.entries(declared).flatMap(([profile, image]) =>
        image === undefined
          ? []
          : [
              [
                profile,
                {
                  ...image,
                  kernel: this.file(image.kernel, `images.${profile}.kernel`),
                  initrd: this.file(image.initrd, `images.${profile}.initrd`),
                },
              ],
            ],
      ),
    );
  }

  private file(declared: Image["kernel"], path: string): Image["kernel"] {
    if ((declared.url === undefined) === (declared.path === undefined)) {
      const found = declared.url === undefined ? "neither url nor path" : "both url and path";
      this.report({ path, found, allowed: "url or path, with sha256", remedy: "Name one place." });
    }
    if (declared.path === undefined) return declared;
    const absolute = resolve(this.directory, declared.path);
    if (!existsSync(absolute)) {
      const allowed = `a file; relative paths start at ${this.directory}`;
      this.report({
        path: `${path}.path`,
        found: `the file ${declared.path} does not exist`,
        allowed,
        remedy: "Create it, or name another.",
      });
    }
    return { ...declared, path: absolute };
  }
}
