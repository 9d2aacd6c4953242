import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer, type Server, type ServerOptions } from "node:https";
import { type Answer, failure } from "./answers.js";
import type { Bmc } from "./bmc.js";

export interface ListenOptions {
  host: string;
  /** 0 chooses a free port. Default 443. */
  port?: number;
  /** PEM. */
  key: string;
  cert: string;
  /** Called once per request with what was answered; status 0: nothing was. */
  onRequest?: (request: { method: string; path: string; status: number }) => void;
}

const MAX_BODY_BYTES = 65_536;

/** Serves a BMC over HTTPS. Resolves when it listens. */
export function serveBmc(bmc: Bmc, options: ListenOptions): Promise<Server> {
  const tls: ServerOptions = { key: options.key, cert: options.cert, minVersion: "TLSv1.2" };
  const server = createServer(tls, (request, response) => {
    void handle(bmc, request, response, options).catch(() => response.destroy());
  });
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(options.port ?? 443, options.host, () => resolve(server));
  });
}

async function handle(bmc: Bmc, request: IncomingMessage, response: ServerResponse, { onRequest }: ListenOptions) {
  const method = request.method ?? "GET";
  const path = (request.url ?? "/").replace(/\?.*$/, "").replace(/(?<=.)\/+$/, "");
  const report = (status: number) => onRequest?.({ method, path, status });
  const silence = bmc.silence();
  if (silence !== undefined) {
    report(0);
    if (silence === "drop") request.socket.destroy();
    return; // frozen: the client's own deadline ends it
  }
  const body = await readBody(request);
  const answer =
    body === "too large"
      ? failure(413, "GeneralError", "the body is too large")
      : body === "malformed"
        ? failure(400, "MalformedJSON")
        : await bmc.answer({ method, path, headers: request.headers, body: body.json });
  report(answer.status);
  send(response, answer, method === "HEAD");
}

async function readBody(request: IncomingMessage): Promise<{ json: unknown } | "malformed" | "too large"> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of request) {
    if (!Buffer.isBuffer(part)) continue;
    bytes += part.length;
    if (bytes > MAX_BODY_BYTES) return "too large";
    parts.push(part);
  }
  if (bytes === 0) return { json: undefined };
  try {
    return { json: JSON.parse(Buffer.concat(parts).toString()) };
  } catch {
    return "malformed";
  }
}

function send(response: ServerResponse, { status, body, headers }: Answer, headOnly: boolean): void {
  const text = body === undefined ? "" : JSON.stringify(body);
  response.writeHead(status, {
    "OData-Version": "4.0",
    "Cache-Control": "no-cache",
    "Content-Length": Buffer.byteLength(text),
    ...(body === undefined ? {} : { "Content-Type": "application/json; charset=utf-8" }),
    ...headers,
  });
  response.end(headOnly ? undefined : text);
}
