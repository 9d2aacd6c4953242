import type { PeerCertificate, TLSSocket, TlsOptions } from "node:tls";
import type { Caller } from "./answer.js";

const OPERATOR = "flint-operator";
const SECRETS = "/etc/nixos/secrets";

/** Reads a file of a machine's disk. */
export type ReadFile = (path: string) => Buffer | undefined;

export function readSecret(readFile: ReadFile, name: string): Buffer | undefined {
  return readFile(`${SECRETS}/${name}`);
}

/** Certificate, key and whom to trust, as they are on the disk now. @throws when a file is missing. */
export function readTlsIdentity(readFile: ReadFile): TlsOptions {
  const required = (name: string) => {
    const content = readSecret(readFile, name);
    if (content === undefined) throw new Error(`${SECRETS}/${name} is missing`);
    return content;
  };
  const ca = required("ca.crt");
  return {
    cert: required("node.crt"),
    key: required("node.key"),
    ca: readSecret(readFile, "client-ca.crt") ?? ca,
    minVersion: "TLSv1.2",
    requestCert: true,
    rejectUnauthorized: false, // a caller without a certificate may ask for the health
  };
}

/** A certificate was given, and it does not verify: such a connection ends. */
export function isUntrusted(socket: TLSSocket): boolean {
  return !socket.authorized && isGiven(socket.getPeerCertificate());
}

/** The operator, or a node: a node's certificate names itself among its DNS names. */
export function callerOf(socket: TLSSocket): Caller | undefined {
  const certificate = socket.getPeerCertificate();
  if (!socket.authorized || !isGiven(certificate)) return undefined;
  const name = [certificate.subject.CN].flat()[0] ?? "";
  const names = (certificate.subjectaltname ?? "").split(", ");
  return { name, allowed: name === OPERATOR || names.includes(`DNS:${name}`) };
}

function isGiven(certificate: PeerCertificate): boolean {
  return Object.keys(certificate).length > 0;
}
