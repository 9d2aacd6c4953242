import type { Agent, Dispatcher } from "undici";
import { isFlintError, messageFrom } from "../../foundation/errors.js";
import { seconds } from "../../foundation/wait.js";
import { certificateFault } from "../health/certificate.js";
import type { RaftEndpoints } from "./driver.js";
import { badCertificate, lostAnswer, unexpectedAnswer } from "./errors.js";
import type { Place } from "./redirect.js";

export interface Call {
  method: "GET" | "POST" | "PUT" | "DELETE";
  /** JSON, or a key's value as it is. */
  body?: { json: unknown } | { text: string };
  /** For messages: "adding node04". */
  what: string;
}

export interface Answer {
  place: Place;
  status: number;
  header(name: string): string | undefined;
  text: string;
  /** Parsed; undefined when the text is no JSON. */
  body: unknown;
}

/** The request was never sent: another member may be asked. */
export class NotSent extends Error {}

const MAX_BODY_BYTES = 4 * 1024 * 1024;
/** A dead machine must leave time for the next member. */
const CONNECT_MS = 6_000;
const KEEP_ALIVE_MS = 4_000;
const NOT_SENT = [
  "ECONNREFUSED",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "EHOSTDOWN",
  "ENOTFOUND",
  "EAI_AGAIN",
  "ETIMEDOUT",
  "UND_ERR_CONNECT_TIMEOUT",
];

/** Single requests over mutual TLS. */
export class RaftHttp {
  #agent: Agent | undefined;

  constructor(private readonly endpoints: RaftEndpoints) {}

  /** @throws NotSent; FlintError `RAFT_ANSWER_LOST`, `RAFT_CERTIFICATE` or `RAFT_ANSWER`. */
  async send(place: Place, call: Call, deadlineMs: number): Promise<Answer> {
    const { Agent, request } = await import("undici");
    const { ca, clientCert: cert, clientKey: key } = this.endpoints;
    this.#agent ??= new Agent({
      connect: { ca, cert, key, timeout: CONNECT_MS },
      keepAliveTimeout: KEEP_ALIVE_MS,
      keepAliveMaxTimeout: KEEP_ALIVE_MS,
    });
    const signal = AbortSignal.timeout(Math.max(1, Math.round(deadlineMs)));
    const url = new URL(place.path, place.base);
    try {
      const answer = await request(url, { method: call.method, dispatcher: this.#agent, signal, ...contentOf(call) });
      const text = await this.#read(answer.body, call.what);
      return {
        place,
        status: answer.statusCode,
        header: (name) => [answer.headers[name.toLowerCase()]].flat()[0],
        text,
        body: parsed(text),
      };
    } catch (error) {
      if (isFlintError(error)) throw error;
      if (signal.aborted)
        throw lostAnswer(this.endpoints, `${call.what} from ${url.host}`, `none within ${seconds(deadlineMs)}`, error);
      throw await this.#failure(url, call, error);
    }
  }

  async close(): Promise<void> {
    await this.#agent?.destroy();
  }

  async #failure(url: URL, call: Call, error: unknown): Promise<Error> {
    const code = error instanceof Error && "code" in error ? String(error.code) : "";
    if (NOT_SENT.includes(code)) return new NotSent(`${url.host}: ${reason(code)}`, { cause: error });
    const fault = await certificateFault(url, error);
    if (fault !== undefined) return badCertificate(this.endpoints, url, fault, error);
    return lostAnswer(this.endpoints, `${call.what} from ${url.host}`, messageFrom(error), error);
  }

  async #read(body: Dispatcher.ResponseData["body"], what: string): Promise<string> {
    const chunks: Buffer[] = [];
    let bytes = 0;
    for await (const chunk of body) {
      const part = Buffer.from(chunk);
      bytes += part.length;
      if (bytes > MAX_BODY_BYTES)
        throw unexpectedAnswer(this.endpoints, what, `more than ${MAX_BODY_BYTES / 1024 / 1024} MiB`);
      chunks.push(part);
    }
    return Buffer.concat(chunks).toString("utf8");
  }
}

function contentOf({ body }: Call): { body?: string; headers?: Record<string, string> } {
  if (body === undefined) return {};
  if ("text" in body) return { body: body.text, headers: { "content-type": "application/octet-stream" } };
  return { body: JSON.stringify(body.json), headers: { "content-type": "application/json" } };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function reason(code: string): string {
  if (code === "ECONNREFUSED") return "connection refused";
  return `no answer (${code})`;
}
