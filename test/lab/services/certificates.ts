import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** A certificate authority of the test's own, made by openssl. */
export class CertificateAuthority {
  constructor(
    private readonly directory: string,
    algorithm: "ec" | "rsa" = "ec",
  ) {
    mkdirSync(directory, { recursive: true });
    openssl("req", "-x509", "-nodes", ...newKey(algorithm), "-keyout", this.key, "-out", this.certificate,
      "-subj", "/CN=test CA", "-days", "2"); // biome-ignore format: one option per pair
  }

  get certificate(): string {
    return join(this.directory, "ca.crt");
  }

  private get key(): string {
    return join(this.directory, "ca.key");
  }

  /** Writes ca.crt, node.crt and node.key into `into`. `from`: the first day of the certificate (default: today). */
  issue(
    into: string,
    commonName: string,
    names: string[],
    addresses: string[],
    algorithm: "ec" | "rsa" = "ec",
    from = new Date(),
  ): void {
    mkdirSync(into, { recursive: true });
    const at = (name: string) => join(into, name);
    const alternatives = [...names.map((name) => `DNS:${name}`), ...addresses.map((address) => `IP:${address}`)];
    const extensions = ["extendedKeyUsage=serverAuth,clientAuth"];
    if (alternatives.length > 0) extensions.push(`subjectAltName=${alternatives.join(",")}`);
    writeFileSync(at("extensions"), `${extensions.join("\n")}\n`);
    openssl("req", "-new", "-nodes", ...newKey(algorithm), "-keyout", at("node.key"), "-out", at("csr"),
      "-subj", `/CN=${commonName}`); // biome-ignore format: one option per pair
    // `openssl x509` signs from today on only.
    writeFileSync(at("index"), "");
    writeFileSync(
      at("ca.conf"),
      `[any]\ndatabase = ${at("index")}\nserial = ${at("serial")}\nnew_certs_dir = ${into}\n[names]\ncommonName = supplied\n`,
    );
    openssl("ca", "-batch", "-notext", "-config", at("ca.conf"), "-name", "any", "-policy", "names", "-rand_serial",
      "-md", "sha256", "-cert", this.certificate, "-keyfile", this.key, "-in", at("csr"), "-out", at("node.crt"),
      "-startdate", day(from, 0), "-enddate", day(from, 2), "-extfile", at("extensions")); // biome-ignore format: one option per pair
    execFileSync("cp", [this.certificate, at("ca.crt")]);
  }
}

/** The date so many days later, at the beginning of the day, as openssl takes it. */
function day(from: Date, later: number): string {
  const date = new Date(from.getTime() + later * 86_400_000).toISOString().slice(0, 10);
  return `${date.replaceAll("-", "")}000000Z`;
}

function newKey(algorithm: "ec" | "rsa"): string[] {
  return algorithm === "ec" ? ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"] : ["-newkey", "rsa:2048"];
}

function openssl(...args: string[]): void {
  execFileSync("openssl", args, { stdio: ["ignore", "ignore", "pipe"] });
}
