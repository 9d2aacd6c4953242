import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer, type Server } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TLSSocket } from "node:tls";
import type { RaftEndpoints } from "../../../drivers/raft/driver.js";
import { CertificateAuthority } from "../../lab/services/certificates.js";
import { portOf } from "../../loopback.js";

const tls = (() => {
  const directory = mkdtempSync(join(tmpdir(), "flint-test-raft-"));
  const authority = new CertificateAuthority(join(directory, "ca"));
  authority.issue(join(directory, "node"), "node", [], ["127.0.0.1"]);
  authority.issue(join(directory, "elsewhere"), "elsewhere", ["elsewhere.test"], []);
  const longAgo = new Date("2001-02-03T00:00:00Z");
  authority.issue(join(directory, "expired"), "node", [], ["127.0.0.1"], "ec", longAgo);
  authority.issue(join(directory, "operator"), "flint-operator", [], []);
  const read = (name: string) => readFileSync(join(directory, name), "utf8");
  const pair = (name: string) => ({ cert: read(`${name}/node.crt`), key: read(`${name}/node.key`) });
  const made = {
    ca: read("ca/ca.crt"),
    node: pair("node"),
    elsewhere: pair("elsewhere"),
    expired: pair("expired"),
    operator: pair("operator"),
  };
  rmSync(directory, { recursive: true });
  return made;
})();

export interface Seen {
  member: string;
  method: string;
  path: string;
  body: string;
}

export interface FakeAnswer {
  status: number;
  body?: object | string;
  headers?: Record<string, string>;
}

/** Answers one request; `drop` closes the connection, `half` in the middle of the answer, `silence` never answers. */
export type Behaviour = (request: Seen) => FakeAnswer | "drop" | "half" | "silence";

/** Members that answer as a test tells them to, over mutual TLS on loopback. */
export class FakeCluster implements AsyncDisposable {
  readonly seen: Seen[] = [];
  readonly urls: Record<string, string> = {};
  private readonly servers = new Map<string, Server>();

  async member(
    id: string,
    behaviour: Behaviour,
    certificate: "node" | "elsewhere" | "expired" = "node",
  ): Promise<void> {
    const server = createServer(
      { ...tls[certificate], ca: tls.ca, requestCert: true, rejectUnauthorized: false },
      (request, response) => void this.handle(id, behaviour, request, response),
    ).listen(0, "127.0.0.1");
    await once(server, "listening");
    this.urls[id] = `https://127.0.0.1:${portOf(server)}`;
    this.stop(id); // another behaviour of the same member takes its place
    this.servers.set(id, server);
  }

  /** The member's port answers no more; its address stays known. */
  stop(id: string): void {
    this.servers.get(id)?.closeAllConnections();
    this.servers.get(id)?.close();
  }

  endpoints(change: Partial<RaftEndpoints> = {}): RaftEndpoints {
    const { ca, operator } = tls;
    const { cert: clientCert, key: clientKey } = operator;
    return { cluster: "dev", service: "chainfire", urls: this.urls, ca, clientCert, clientKey, ...change };
  }

  /** Methods and paths that a member was asked, in order. */
  asked(id: string): string[] {
    return this.seen.filter(({ member }) => member === id).map(({ method, path }) => `${method} ${path}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const id of this.servers.keys()) this.stop(id);
  }

  private async handle(member: string, behave: Behaviour, request: IncomingMessage, response: ServerResponse) {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part);
    const body = Buffer.concat(parts).toString();
    const seen = { member, method: request.method ?? "", path: request.url ?? "", body };
    this.seen.push(seen);
    const open = seen.path === "/health" || (request.socket as TLSSocket).authorized;
    const answer: ReturnType<Behaviour> = open
      ? behave(seen)
      : { status: 403, body: { error: "client certificate needed" } };
    if (answer === "silence") return;
    if (answer === "drop") return request.socket.destroy();
    if (answer === "half") {
      response.writeHead(200, { "content-length": "1000" }).write('{"leader":');
      setTimeout(() => request.socket.destroy(), 20);
      return;
    }
    const text = typeof answer.body === "object" ? JSON.stringify(answer.body) : answer.body;
    response.writeHead(answer.status, answer.headers).end(text);
  }
}
