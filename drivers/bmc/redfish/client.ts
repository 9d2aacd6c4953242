import { setTimeout as sleep } from "node:timers/promises";
import type { RetryPolicy } from "cockatiel";
import type { z } from "zod";
import { isFlintError } from "../../../foundation/errors.js";
import type { RedfishAddress } from "./address.js";
import { type BmcName, notLetIn, refused, unexpectedAnswer } from "./errors.js";
import { BmcHttp, type HttpAnswer, type HttpCall } from "./http.js";
import { pathOf, withPaths } from "./links.js";
import { hasMessage, refusalText } from "./messages.js";
import { serviceRoot } from "./schema.js";

export const ROOT = "/redfish/v1/";

/** Time limits of one driver. */
export interface Tuning {
  /** Milliseconds for one request; old BMCs take up to ten seconds. */
  requestMs: number;
  /** Milliseconds for one method of the driver, retries included; `setPower` has its own. */
  methodMs: number;
  /** Milliseconds of the first pause before a repetition; doubles. A Retry-After is heeded instead. */
  pauseMs: number;
  /** Milliseconds for which a refusal that passes by itself is waited out, and between two attempts. */
  passingMs: number;
  passingPauseMs: number;
  /** Milliseconds until a boot override must be shown: some BMCs need a few seconds after they have answered. */
  shownMs: number;
}
export const TUNING: Tuning = {
  requestMs: 20_000,
  methodMs: 60_000,
  pauseMs: 500,
  passingMs: 300_000,
  passingPauseMs: 5_000,
  shownMs: 15_000,
};

const ATTEMPTS = 5;
const MAX_RETRY_AFTER_MS = 30_000;
const LONGEST_PAUSE_MS = 8_000;
/** "Try again", said by the service itself (DSP0266, table of status codes). */
export const BUSY: readonly number[] = [429, 502, 503, 504];

/** Milliseconds for ending sessions, and for the answer to a login that was cancelled: it names the session to be ended. */
const CLOSING_MS = 5_000;
/**
 * "All sessions are taken", also with 503: that is no reason to wait, because a session may last for half an hour. The Base
 * registry's (bmcweb sends 503), and iDRAC's own (https://github.com/stmcginnis/gofish/issues/75).
 */
const NO_SESSION_LEFT = ["SessionLimitExceeded", "RAC0218"] as const;

interface Session {
  kind: "session";
  token: string;
  location: string | undefined;
}
type Login = Session | { kind: "basic" };

/** Redfish requests with authentication; those that may be repeated are, when the service is busy or hangs up. */
export class RedfishClient {
  /** What the BMC says instead of answering, while it is busy. */
  busy: string | undefined;
  readonly #http: BmcHttp;
  #login: Promise<Login> | undefined;
  /** Logins without an end yet, also those that nobody waits for any more. */
  readonly #underWay = new Set<Promise<Login>>();
  /** What is open on the BMC. */
  #sessions: Session[] = [];
  #retry: Promise<RetryPolicy> | undefined;

  constructor(
    private readonly address: RedfishAddress,
    readonly bmc: BmcName,
    readonly tuning: Tuning,
  ) {
    this.#http = new BmcHttp(address, bmc, tuning.requestMs);
  }

  /**
   * Reads a resource.
   * @param missing The error for one that is not there. Default: a refusal.
   * @throws FlintError `BMC_REFUSED` or `BMC_ANSWER`.
   */
  async get<T>(
    path: string,
    schema: z.ZodType<T>,
    signal: AbortSignal,
    missing?: () => Promise<Error>,
  ): Promise<{ resource: T; etag?: string }> {
    const answer = await this.repeatable({ method: "GET", path, signal });
    if (answer.status === 404 && missing !== undefined) throw await missing();
    if (answer.status >= 400) throw refused(this.bmc, `GET ${path}`, refusalText(answer.status, answer.body));
    const parsed = schema.safeParse(withPaths(answer.body, answer.path));
    if (!parsed.success) throw unexpectedAnswer(this.bmc, `a Redfish resource at ${path}`, firstIssue(parsed.error));
    return { resource: parsed.data, etag: answer.header("etag") };
  }

  /** A call that may be sent again after a lost or busy answer. */
  async repeatable(call: HttpCall): Promise<HttpAnswer> {
    return this.#repeat(() => this.once(call), call.signal);
  }

  /** A call that is sent once; an expired session is renewed, because a 401 means that nothing was done. */
  async once(call: HttpCall): Promise<HttpAnswer> {
    const login = await this.#loggedIn(call.signal);
    const answer = await this.#http.send(this.#authorised(call, login));
    if (answer.status !== 401 && answer.status !== 403) return answer;
    if (answer.status === 403 || login.kind === "basic")
      throw notLetIn(this.bmc, refusalText(answer.status, answer.body));
    this.#login = undefined;
    this.#sessions = this.#sessions.filter((each) => each !== login);
    const again = await this.#http.send(this.#authorised(call, await this.#loggedIn(call.signal)));
    if (again.status === 401) throw notLetIn(this.bmc, refusalText(401, again.body));
    return again;
  }

  /** Ends the session on the BMC, which keeps only a few. Never throws. */
  async close(): Promise<void> {
    await Promise.allSettled(this.#underWay);
    const signal = AbortSignal.timeout(this.#closingMs);
    for (const session of this.#sessions.splice(0)) {
      if (session.location === undefined) continue;
      const call: HttpCall = { method: "DELETE", path: session.location, signal };
      await this.#http.send(this.#authorised(call, session)).catch(() => {});
    }
    this.#login = undefined;
    await this.#http.close().catch(() => {});
  }

  get #closingMs(): number {
    return Math.min(CLOSING_MS, this.tuning.requestMs);
  }

  #authorised(call: HttpCall, login: Login): HttpCall {
    const { username, password } = this.address;
    const proof: Record<string, string> =
      login.kind === "session"
        ? { "x-auth-token": login.token }
        : { authorization: `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}` };
    return { ...call, headers: { ...call.headers, ...proof } };
  }

  #loggedIn(signal: AbortSignal): Promise<Login> {
    if (this.#login === undefined) {
      const login = this.#logIn(signal);
      this.#login = login;
      this.#underWay.add(login);
      const forget = () => {
        if (this.#login === login) this.#login = undefined;
      };
      // Whoever comes next does not share the end of a login that was cancelled.
      signal.addEventListener("abort", forget, { once: true });
      const over = () => {
        signal.removeEventListener("abort", forget);
        this.#underWay.delete(login);
      };
      login.catch(forget).then(over);
    }
    return this.#login;
  }

  async #logIn(signal: AbortSignal): Promise<Login> {
    const answer = await this.#repeat(() => this.#http.send({ method: "GET", path: ROOT, signal }), signal);
    const root = serviceRoot.safeParse(withPaths(answer.body, answer.path));
    if (!root.success) throw unexpectedAnswer(this.bmc, `a Redfish service root at ${ROOT}`, `HTTP ${answer.status}`);
    const { Links, SessionService } = root.data;
    const sessions =
      Links?.Sessions?.["@odata.id"] ??
      (SessionService === undefined ? undefined : `${SessionService["@odata.id"].replace(/\/$/, "")}/Sessions`);
    return sessions === undefined ? { kind: "basic" } : this.#openSession(sessions, signal);
  }

  async #openSession(path: string, signal: AbortSignal): Promise<Login> {
    const body = { UserName: this.address.username, Password: this.address.password };
    const late = laterThan(signal, this.#closingMs);
    const send = async () => {
      const answer = await this.#http.send({ method: "POST", path, body, signal: late });
      const session = sessionOf(answer);
      if (session !== undefined) this.#sessions.push(session);
      return answer;
    };
    // A second session after a lost answer does no harm: BMCs end idle ones.
    const answer = await this.#repeat(send, signal, hasNoSessionLeft);
    const session = this.#sessions.find(({ token }) => token === answer.header("x-auth-token"));
    if (session !== undefined) return session;
    if (answer.status === 401 || answer.status === 403)
      throw notLetIn(this.bmc, refusalText(answer.status, answer.body));
    const unsupported = [404, 405, 501].includes(answer.status) || answer.status < 300;
    if (unsupported || hasNoSessionLeft(answer)) return { kind: "basic" };
    throw refused(this.bmc, "a session", refusalText(answer.status, answer.body));
  }

  /**
   * A busy BMC answers, and says itself that it will do better: it is asked until the caller's patience ends.
   * @param isFinal True for an answer that looks busy and is not.
   */
  async #repeat(
    send: () => Promise<HttpAnswer>,
    signal: AbortSignal,
    isFinal: (answer: HttpAnswer) => boolean = () => false,
  ): Promise<HttpAnswer> {
    this.#retry ??= retryPolicy(this.tuning.pauseMs);
    for (let pauseMs = this.tuning.pauseMs; ; pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)) {
      const answer = await (await this.#retry).execute(send, signal);
      signal.throwIfAborted();
      this.busy =
        BUSY.includes(answer.status) && !isFinal(answer) ? `HTTP ${answer.status}, again and again` : undefined;
      if (this.busy === undefined) return answer;
      await sleep(retryAfterMs(answer) ?? pauseMs, undefined, { signal }).catch((error: unknown) => {
        signal.throwIfAborted();
        throw error;
      });
    }
  }
}

const hasNoSessionLeft = ({ body }: HttpAnswer) => NO_SESSION_LEFT.some((key) => hasMessage(body, key));

function sessionOf(answer: HttpAnswer): Session | undefined {
  const token = answer.header("x-auth-token");
  if (answer.status >= 300 || token === undefined) return undefined;
  return { kind: "session", token, location: locationOf(answer) };
}

/** Fires that many milliseconds after `signal` does. */
function laterThan(signal: AbortSignal, ms: number): AbortSignal {
  const late = new AbortController();
  signal.addEventListener("abort", () => setTimeout(() => late.abort(signal.reason), ms).unref(), { once: true });
  return late.signal;
}

/** No answer may be repeated a few times. Wrong certificates and passwords are final. */
async function retryPolicy(pauseMs: number): Promise<RetryPolicy> {
  const { DelegateBackoff, handleWhen, retry } = await import("cockatiel");
  return retry(
    handleWhen((error) => isFlintError(error, "BMC_UNREACHABLE") || isFlintError(error, "BMC_TIMEOUT")),
    {
      maxAttempts: ATTEMPTS - 1,
      backoff: new DelegateBackoff(({ attempt }) => pauseMs * 2 ** (attempt - 1)),
    },
  );
}

/**
 * A Retry-After header (RFC 9110, 10.2.3: seconds, or a date), in milliseconds; bounded, because some say "an hour" while
 * they start.
 */
export function retryAfterMs({ header: headerOf }: Pick<HttpAnswer, "header">, now = Date.now()): number | undefined {
  const header = headerOf("retry-after")?.trim();
  if (header === undefined || header === "") return undefined;
  const wanted = /^\d+$/.test(header) ? Number(header) * 1000 : Date.parse(header) - now;
  return Number.isNaN(wanted) ? undefined : Math.min(Math.max(wanted, 0), MAX_RETRY_AFTER_MS);
}

/** Where an answer's Location points, on this BMC. */
export function locationOf(answer: HttpAnswer): string | undefined {
  const location = answer.header("location");
  return location === undefined ? undefined : pathOf(location, answer.path);
}

function firstIssue(error: z.ZodError): string {
  const [issue] = error.issues;
  return issue === undefined ? "something else" : `${issue.path.join("/") || "the answer"}: ${issue.message}`;
}
