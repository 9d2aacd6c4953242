import { readFileSync } from "node:fs";
import type { IncomingMessage } from "node:http";
import { createServer, type Server } from "node:https";
import { join } from "node:path";
import { ports } from "../../lab/services/loopback-node.js";

export interface Reply {
  status: number;
  body?: unknown;
  headers?: Record<string, string>;
}

/** A Chainfire member at an address that answers whatever a test wants. Keeps the requests it got. */
export class AnsweringMember {
  readonly requests: string[] = [];
  private constructor(
    private readonly server: Server,
    readonly url: string,
  ) {}

  static async listen(
    tls: string,
    address: string,
    answer: (request: string, body: string) => Reply,
  ): Promise<AnsweringMember> {
    const server = createServer({
      key: readFileSync(join(tls, "node.key")),
      cert: readFileSync(join(tls, "node.crt")),
      ca: readFileSync(join(tls, "ca.crt")),
      requestCert: true,
      rejectUnauthorized: true,
    });
    const member = new AnsweringMember(server, `https://${address}:${ports.chainfire}`);
    server.on("request", async (request: IncomingMessage, response) => {
      let body = "";
      for await (const chunk of request) body += chunk;
      const what = `${request.method} ${request.url}`;
      member.requests.push(body === "" ? what : `${what} ${body}`);
      const { status, body: reply, headers } = answer(what, body);
      response.writeHead(status, { "Content-Type": "application/json", ...headers });
      response.end(JSON.stringify(reply ?? {}));
    });
    await new Promise<void>((resolve) => server.listen(ports.chainfire, address, resolve));
    return member;
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}
