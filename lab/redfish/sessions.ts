import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";

interface Session {
  id: string;
  user: string;
  requests: number;
}

/** User name and password of a BMC. */
export interface Credentials {
  username: string;
  password: string;
}

/** Who may talk to a BMC: basic authentication, or the token of a session. */
export class Sessions {
  private readonly byToken = new Map<string, Session>();
  private created = 0;

  constructor(private readonly credentials: Credentials) {}

  accepts(username: string, password: string): boolean {
    return same(username, this.credentials.username) && same(password, this.credentials.password);
  }

  /** `expireAfter`: number of requests for which a token works. */
  authorised(headers: IncomingHttpHeaders, expireAfter?: number): boolean {
    const token = headers["x-auth-token"];
    if (typeof token === "string") return this.tokenWorks(token, expireAfter);
    const basic = headers.authorization?.match(/^Basic (.+)$/)?.[1];
    if (basic === undefined) return false;
    const [username = "", ...rest] = Buffer.from(basic, "base64").toString().split(":");
    return this.accepts(username, rest.join(":"));
  }

  open(user: string): { token: string; id: string } {
    this.created += 1;
    const token = randomBytes(16).toString("hex");
    const id = String(this.created);
    this.byToken.set(token, { id, user, requests: 0 });
    return { token, id };
  }

  close(id: string): boolean {
    for (const [token, session] of this.byToken) if (session.id === id) return this.byToken.delete(token);
    return false;
  }

  closeAll(): void {
    this.byToken.clear();
  }

  ids(): string[] {
    return [...this.byToken.values()].map((session) => session.id);
  }

  user(id: string): string | undefined {
    return [...this.byToken.values()].find((session) => session.id === id)?.user;
  }

  private tokenWorks(token: string, expireAfter?: number): boolean {
    const session = this.byToken.get(token);
    if (session === undefined) return false;
    session.requests += 1;
    if (expireAfter === undefined || session.requests <= expireAfter) return true;
    this.byToken.delete(token);
    return false;
  }
}

function same(given: string, wanted: string): boolean {
  const digest = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(given), digest(wanted));
}
