import { mkdtempSync } from "node:fs";
import { join } from "node:path";
import { type Answer, call } from "./api.js";
import { CertificateAuthority } from "./certificates.js";

/** A cluster under test: a directory of its own with its authority, and whoever has a certificate of it. */
export class CertifiedCluster {
  readonly directory: string;
  readonly authority: CertificateAuthority;

  /** @param prefix Of the directory, as `mkdtemp` takes it. */
  constructor(prefix: string, algorithm: "ec" | "rsa" = "ec") {
    this.directory = mkdtempSync(prefix);
    this.authority = new CertificateAuthority(join(this.directory, "ca"), algorithm);
    this.authority.issue(this.operator, "flint-operator", [], []);
  }

  get operator(): string {
    return join(this.directory, "operator");
  }

  /** A client certificate of this cluster's authority for someone who is neither operator nor node. */
  stranger(commonName: string): string {
    const tls = join(this.directory, commonName);
    this.authority.issue(tls, commonName, [], []);
    return tls;
  }

  /** Calls a node's service as the operator. */
  ask<S>(node: { url(service: S): string }, service: S, method: string, path: string, body?: unknown): Promise<Answer> {
    const text = typeof body === "string" || body === undefined ? body : JSON.stringify(body);
    return call(this.operator, method, node.url(service) + path, text);
  }
}
