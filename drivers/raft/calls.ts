import { setTimeout as sleep } from "node:timers/promises";
import { isFlintError } from "../../foundation/errors.js";
import type { RaftEndpoints } from "./driver.js";
import { busy, noMemberAnswers, notAllowed, refused, tooManyRedirects, unknownMember } from "./errors.js";
import { type Answer, type Call, NotSent, RaftHttp } from "./http.js";
import { type Place, redirectedTo } from "./redirect.js";
import { refusal } from "./schema.js";

const MAX_REDIRECTS = 5;
/** Attempts of a safe call. */
const ATTEMPTS = 3;
const PAUSE_MS = 250;
const MAX_RETRY_AFTER_MS = 2_000;

/** Calls to a cluster: finds the member that answers, follows it to the leader, repeats what is safe. */
export class RaftCalls {
  readonly #http: RaftHttp;
  /** Who led last; asked first, because everyone else would only send us there. */
  #leader: string | undefined;

  constructor(readonly endpoints: RaftEndpoints) {
    this.#http = new RaftHttp(endpoints);
  }

  noteLeader(id: string | undefined): void {
    if (id !== undefined && Object.hasOwn(this.endpoints.urls, id)) this.#leader = id;
  }

  close(): Promise<void> {
    return this.#http.close();
  }

  /** One request to one member, as it answers. @throws NotSent, FlintError `MEMBER_UNKNOWN` and those of RaftHttp. */
  single(id: string, path: string, call: Call, deadlineMs: number): Promise<Answer> {
    return this.#http.send({ base: this.#urlOf(id), path }, call, deadlineMs);
  }

  /**
   * One request to one member, followed to the leader.
   * @throws NotSent, FlintError `RAFT_REDIRECTS`, `RAFT_AUTH` and those of RaftHttp.
   */
  async at(id: string, path: string, call: Call, deadlineMs: number): Promise<Answer> {
    const ends = performance.now() + deadlineMs;
    let place: Place = { base: this.#urlOf(id), path };
    const hops = [place.base];
    for (;;) {
      const answer = await this.#http.send(place, call, ends - performance.now());
      if (answer.status === 401 || answer.status === 403)
        throw notAllowed(this.endpoints, place.base, refusalText(answer));
      const next = redirectedTo({ ...answer, location: answer.header("location") }, place, this.endpoints.urls);
      if (next === undefined) return answer;
      hops.push(next.base);
      if (hops.length > MAX_REDIRECTS + 1) throw tooManyRedirects(this.endpoints, call.what, hops);
      place = next;
      this.noteLeader(Object.entries(this.endpoints.urls).find(([, url]) => url === next.base)?.[0]);
    }
  }

  /**
   * The request at whichever member takes it, the last leader first. Another one is asked only when nothing was sent,
   * the answer says that nothing was done (503, 421 without a leader), or the request changes nothing (GET): then none
   * of them may use up the time of the others.
   * @throws FlintError `RAFT_UNREACHABLE` or `RAFT_BUSY` when none took it, and those of `at`.
   */
  async anywhere(path: string, call: Call, deadlineMs: number): Promise<Answer> {
    const ends = performance.now() + deadlineMs;
    const failures: string[] = [];
    let turnedAway: Answer | undefined;
    let distrusted: unknown;
    const reads = call.method === "GET";
    for (const [asked, id] of this.#inOrder().entries()) {
      const left = ends - performance.now();
      if (left <= 0) break;
      const share = reads ? left / (Object.keys(this.endpoints.urls).length - asked) : left;
      try {
        const answer = await this.at(id, path, call, share);
        if (answer.status !== 503 && answer.status !== 421) return answer;
        turnedAway = answer;
        failures.push(`${id}: ${refusalText(answer)}`);
      } catch (error) {
        const found = whyElsewhere(error, reads);
        if (found === undefined) throw error;
        if (isFlintError(error, "RAFT_CERTIFICATE")) distrusted ??= error;
        failures.push(`${id}: ${found}`);
      }
    }
    const found = failures.join("; ") || "no member in the configuration";
    if (turnedAway !== undefined) throw busy(this.endpoints, call.what, found);
    throw distrusted ?? noMemberAnswers(this.endpoints, found);
  }

  /** Repeats a call that changes nothing, when its answer is lost or asks for it. */
  async safely<T>(attempt: (leftMs: number) => Promise<T>, deadlineMs: number): Promise<T> {
    const { DelegateBackoff, handleWhen, retry } = await import("cockatiel");
    const ends = performance.now() + deadlineMs;
    const codes = ["RAFT_ANSWER_LOST", "RAFT_BUSY", "RAFT_UNREACHABLE"];
    const policy = retry(
      handleWhen((error) => codes.some((code) => isFlintError(error, code)) && performance.now() < ends),
      {
        maxAttempts: ATTEMPTS - 1,
        // Between half and all of the pause: callers that failed together do not come back together.
        backoff: new DelegateBackoff(({ attempt: number }) =>
          Math.max(0, Math.min(PAUSE_MS * 2 ** (number - 1) * (0.5 + Math.random() / 2), ends - performance.now())),
        ),
      },
    );
    return policy.execute(() => attempt(ends - performance.now()));
  }

  /** A GET of one member that waits out a 503 with Retry-After, while the deadline lasts. */
  async patiently(id: string, path: string, call: Call, deadlineMs: number): Promise<Answer> {
    const ends = performance.now() + deadlineMs;
    for (let attempts = 1; ; attempts++) {
      const answer = await this.at(id, path, call, ends - performance.now());
      const wait = answer.status === 503 ? retryAfterMs(answer) : undefined;
      if (wait === undefined || attempts >= ATTEMPTS || performance.now() + wait >= ends) return answer;
      await sleep(wait);
    }
  }

  unreachable(found: string, cause: unknown): Error {
    return noMemberAnswers(this.endpoints, found, cause);
  }

  refuse(call: Call, answer: Answer): Error {
    return answer.status === 503
      ? busy(this.endpoints, call.what, refusalText(answer))
      : refused(this.endpoints, call.what, refusalText(answer));
  }

  #inOrder(): string[] {
    const ids = Object.keys(this.endpoints.urls);
    const leader = this.#leader;
    return leader === undefined ? ids : [leader, ...ids.filter((id) => id !== leader)];
  }

  #urlOf(id: string): string {
    const url = Object.hasOwn(this.endpoints.urls, id) ? this.endpoints.urls[id] : undefined;
    if (url === undefined) throw unknownMember(this.endpoints, id, Object.keys(this.endpoints.urls));
    return url;
  }
}

/** Why another member may be asked: nothing was sent to this one, it only sent us in circles, or asking does no harm. */
function whyElsewhere(error: unknown, reads: boolean): string | undefined {
  if (error instanceof NotSent) return error.message;
  if (reads && isFlintError(error, "RAFT_ANSWER_LOST")) return error.found;
  if (isFlintError(error, "RAFT_REDIRECTS") || isFlintError(error, "RAFT_CERTIFICATE")) return error.found;
  return undefined;
}

function refusalText({ status, body }: Answer): string {
  const said = refusal.safeParse(body).data;
  const text = said?.error ?? said?.message;
  return text === undefined ? `HTTP ${status}` : `HTTP ${status}: ${shown(text)}`;
}

/** A service's words on one line: no certificate or key that it may have quoted, no control characters, not too many. */
function shown(text: string): string {
  return text
    .replace(/-----BEGIN [^-]*-----[\s\S]*?(-----END [^-]*-----|$)/g, "[PEM]")
    .replace(/[\s\u0000-\u001f\u007f-\u009f]+/g, " ")
    .trim()
    .slice(0, 300);
}

function retryAfterMs(answer: Answer): number | undefined {
  const wanted = Number(answer.header("retry-after") ?? Number.NaN);
  return Number.isFinite(wanted) && wanted >= 0 ? Math.min(wanted * 1000, MAX_RETRY_AFTER_MS) : undefined;
}
