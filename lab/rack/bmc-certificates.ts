import { existsSync, rmSync } from "node:fs";
import { dirname } from "node:path";
import { execa } from "execa";
import { type Layout, machineFiles } from "./layout.js";
import { privateDirectory, writeWhole } from "./private-files.js";
import type { Machine } from "./schema.js";

const VALID_DAYS = "365";

/** Makes the rack's own CA and one certificate per BMC with its address in it, as far as they are missing. */
export async function ensureBmcCertificates(layout: Layout, machines: readonly Machine[]): Promise<number> {
  const fresh = !existsSync(layout.caCertificate) || !existsSync(layout.caKey);
  if (fresh) await makeCa(layout);
  const wanting = machines.filter(({ name }) => {
    const files = machineFiles(layout, name);
    return fresh || !existsSync(files.certificate) || !existsSync(files.key);
  });
  for (const machine of wanting) await makeCertificate(layout, machine);
  return wanting.length + (fresh ? 1 : 0);
}

async function makeCa(layout: Layout): Promise<void> {
  privateDirectory(dirname(layout.caKey));
  await makeKey(layout.caKey);
  await openssl(
    "req",
    "-x509",
    "-new",
    "-key",
    layout.caKey,
    "-sha256",
    "-days",
    VALID_DAYS,
    "-out",
    layout.caCertificate,
    [
      ...["-subj", `/CN=BMCs of rack ${layout.rack}`],
      ...["-addext", "basicConstraints=critical,CA:TRUE,pathlen:0", "-addext", "keyUsage=critical,keyCertSign,cRLSign"],
    ],
  );
}

async function makeCertificate(layout: Layout, { name, bmc }: Machine): Promise<void> {
  const files = machineFiles(layout, name);
  privateDirectory(files.dir);
  await makeKey(files.key);
  const request = `${files.certificate}.csr`;
  const extensions = `${files.certificate}.ext`;
  await openssl("req", "-new", "-key", files.key, "-subj", `/CN=BMC of ${name}`, "-out", request);
  writeWhole(
    extensions,
    `basicConstraints=critical,CA:FALSE\nkeyUsage=critical,digitalSignature\nextendedKeyUsage=serverAuth\nsubjectAltName=IP:${bmc}\n`,
  );
  await openssl("x509", "-req", "-in", request, "-sha256", "-days", VALID_DAYS, "-extfile", extensions, [
    ...["-CA", layout.caCertificate, "-CAkey", layout.caKey, "-out", files.certificate],
  ]);
  for (const temporary of [request, extensions]) rmSync(temporary);
}

function makeKey(path: string) {
  return openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", path);
}

function openssl(...args: (string | string[])[]) {
  return execa("openssl", args.flat(), { stdin: "ignore", timeout: 60_000 });
}
