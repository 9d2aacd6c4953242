import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer as createHttpsServer, type Server as HttpsServer } from "node:https";
import { createServer as createTcpServer, type Socket, type Server as TcpServer } from "node:net";
import { TLSSocket, type TlsOptions } from "node:tls";
import { type Answer, problem, type Question } from "./answer.js";
import { callerOf, isUntrusted } from "./tls-identity.js";

const BODY_LIMIT = 2 * 1024 * 1024;

/** One service's HTTPS on all addresses of a machine: they share one TLS context, so that hundreds of machines are cheap. */
export class Listener {
  private readonly sockets = new Set<Socket>();
  private readonly tcp: TcpServer[] = [];
  private readonly https: HttpsServer;

  constructor(tls: TlsOptions, answer: (question: Question) => Promise<Answer>) {
    this.https = createHttpsServer(tls, (request, response) => {
      void serve(request, response, answer).catch(() => response.destroy());
    });
    this.https.prependListener("secureConnection", (socket) => {
      if (isUntrusted(socket)) socket.destroy();
    });
    this.https.on("tlsClientError", () => {});
  }

  async open(addresses: readonly string[], port: number): Promise<void> {
    try {
      for (const address of addresses) await this.listen(address, port);
    } catch (error) {
      await this.close();
      throw error;
    }
  }

  /** Connections end at once. */
  async close(): Promise<void> {
    const closed = this.tcp.splice(0).map((server) => new Promise((resolve) => server.close(resolve)));
    for (const socket of this.sockets) socket.destroy();
    await Promise.all(closed);
  }

  private listen(host: string, port: number): Promise<void> {
    const server = createTcpServer({ noDelay: true, allowHalfOpen: true }, (socket) => {
      this.sockets.add(socket);
      socket.once("close", () => this.sockets.delete(socket));
      socket.on("error", () => {});
      this.https.emit("connection", socket);
    });
    return new Promise((resolve, reject) => {
      server.once("error", reject);
      server.listen(port, host, () => {
        this.tcp.push(server);
        resolve();
      });
    });
  }
}

async function serve(
  request: IncomingMessage,
  response: ServerResponse,
  answer: (question: Question) => Promise<Answer>,
): Promise<void> {
  const question = await questionOf(request);
  const { status, headers, body } = question === undefined ? problem(400, "bad request") : await answer(question);
  const raw = Buffer.isBuffer(body);
  const content = raw ? body : Buffer.from(`${JSON.stringify(body)}\n`);
  response.writeHead(status, {
    "Content-Type": "application/json",
    "Content-Length": content.length,
    ...headers,
  });
  response.end(request.method === "HEAD" ? undefined : content);
}

async function questionOf(request: IncomingMessage): Promise<Question | undefined> {
  const { method = "GET", url = "/", socket } = request;
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of request) {
    if (!Buffer.isBuffer(part)) continue;
    bytes += part.length;
    if (bytes <= BODY_LIMIT) parts.push(part);
  }
  const { pathname: rawPath, searchParams: query } = new URL(url, "https://service");
  const caller = socket instanceof TLSSocket ? callerOf(socket) : undefined;
  try {
    return { method, rawPath, path: decodeURIComponent(rawPath), query, body: Buffer.concat(parts), caller };
  } catch {
    return undefined; // a path that does not decode
  }
}
