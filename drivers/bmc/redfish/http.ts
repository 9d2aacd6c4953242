import type { Agent, Dispatcher } from "undici";
import { isFlintError, messageFrom } from "../../../foundation/errors.js";
import type { RedfishAddress } from "./address.js";
import { type BmcName, noAnswer, unexpectedAnswer, unreachable } from "./errors.js";
import { pathOf } from "./links.js";
import { trustedConnector } from "./trust.js";

export type Method = "GET" | "POST" | "PATCH" | "DELETE";

export interface HttpCall {
  method: Method;
  path: string;
  headers?: Record<string, string>;
  body?: unknown;
  signal: AbortSignal;
}

export interface HttpAnswer {
  status: number;
  /** Of what answered: another one than was asked for after a redirection. */
  path: string;
  header(name: string): string | undefined;
  /** Parsed JSON; undefined when there was none. */
  body: unknown;
}

/** A resource of a few hundred kilobytes is unheard of; a BMC that sends more is broken or is none. */
const MAX_BODY_BYTES = 4 * 1024 * 1024;
const KEEPING_METHOD: readonly number[] = [307, 308];
const REDIRECTIONS: readonly number[] = [301, 302, ...KEEPING_METHOD];
const MAX_HOPS = 3;
/** Shorter than any BMC's own: a connection that the BMC is about to close makes the next request fail. */
const KEEP_ALIVE_MS = 4_000;

/** Single requests to one BMC over verified TLS, each with a deadline. Knows nothing of Redfish. */
export class BmcHttp {
  #agent: Agent | undefined;

  constructor(
    private readonly address: RedfishAddress,
    private readonly bmc: BmcName,
    private readonly requestMs: number,
  ) {}

  /** @throws FlintError `BMC_UNREACHABLE`, `BMC_CERTIFICATE`, `BMC_TIMEOUT`, `BMC_ANSWER`, or the signal's reason. */
  async send(call: HttpCall): Promise<HttpAnswer> {
    const deadline = AbortSignal.timeout(this.requestMs);
    try {
      return await this.#redirected(call, AbortSignal.any([deadline, call.signal]));
    } catch (error) {
      call.signal.throwIfAborted();
      if (deadline.aborted) throw noAnswer(this.bmc, `${call.method} ${call.path}`, this.requestMs);
      if (isFlintError(error)) throw error;
      throw unreachable(this.bmc, described(error), error);
    }
  }

  async close(): Promise<void> {
    await this.#agent?.destroy();
  }

  /** iLO moves clients to the same path with a slash at its end, and expects them to follow. Never to another host. */
  async #redirected(call: HttpCall, signal: AbortSignal): Promise<HttpAnswer> {
    let path = pathOf(call.path);
    for (let hops = 0; ; hops += 1) {
      const answer = await this.#exchange({ ...call, path }, signal);
      const location = answer.header("location");
      const kept = call.method === "GET" ? REDIRECTIONS : KEEPING_METHOD;
      if (!kept.includes(answer.status) || location === undefined) return answer;
      const target = new URL(location, new URL(path, this.address.url));
      if (target.host !== new URL(this.address.url).host || hops >= MAX_HOPS)
        throw unexpectedAnswer(this.bmc, `an answer to ${call.method} ${call.path}`, `a redirection to ${target.href}`);
      path = pathOf(target.href);
    }
  }

  async #exchange(call: HttpCall, signal: AbortSignal): Promise<HttpAnswer> {
    const { Agent, buildConnector, request } = await import("undici");
    this.#agent ??= new Agent({
      connect: trustedConnector(buildConnector, this.address, this.bmc, this.requestMs),
      connections: 2, // BMCs have few
      keepAliveTimeout: KEEP_ALIVE_MS,
      keepAliveMaxTimeout: KEEP_ALIVE_MS,
    });
    const answer = await request(new URL(call.path, this.address.url), {
      method: call.method,
      dispatcher: this.#agent,
      signal,
      headers: {
        accept: "application/json",
        "odata-version": "4.0",
        ...(call.body === undefined ? {} : { "content-type": "application/json" }),
        ...call.headers,
      },
      ...(call.body === undefined ? {} : { body: JSON.stringify(call.body) }),
    });
    const text = await this.#read(answer.body, call.path);
    return {
      status: answer.statusCode,
      path: call.path,
      header: (name) => [answer.headers[name.toLowerCase()]].flat()[0],
      body: parsed(text),
    };
  }

  async #read(body: Dispatcher.ResponseData["body"], path: string): Promise<string> {
    const chunks: Buffer[] = [];
    let bytes = 0;
    for await (const chunk of body) {
      const part = Buffer.from(chunk);
      bytes += part.length;
      if (bytes > MAX_BODY_BYTES)
        throw unexpectedAnswer(this.bmc, `at most ${MAX_BODY_BYTES / 1024 / 1024} MiB from ${path}`, "more");
      chunks.push(part);
    }
    return Buffer.concat(chunks).toString("utf8");
  }
}

function parsed(text: string): unknown {
  if (text.trim() === "") return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // an HTML error page; the status says what matters
  }
}

function described(error: unknown): string {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  if (code === "ECONNREFUSED") return "connection refused";
  if (code === "ECONNRESET" || code === "UND_ERR_SOCKET") return "a connection that was closed without an answer";
  if (code === "EHOSTUNREACH" || code === "ENETUNREACH" || code === "ETIMEDOUT") return `no answer (${code})`;
  return messageFrom(error);
}
