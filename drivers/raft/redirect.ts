import { refusal } from "./schema.js";

/** A request's place: the member's base URL and the path below it. */
export interface Place {
  base: string;
  path: string;
}

/**
 * Where an answer sends the caller: 307 and 308 by Location, or any of them and 421 by `leader_url`. A member is known
 * by the first label of its host name and reached by the table's address for it; another host is taken as given.
 * @returns undefined when the answer is no redirect or does not say where to.
 */
export function redirectedTo(
  answer: { status: number; location: string | undefined; body: unknown },
  from: Place,
  urls: Record<string, string>,
): Place | undefined {
  if (![307, 308, 421].includes(answer.status)) return undefined;
  const leaderUrl = refusal.safeParse(answer.body).data?.leader_url;
  const here = new URL(from.path, from.base);
  if (answer.status !== 421 && answer.location !== undefined && URL.canParse(answer.location, here.href)) {
    const to = new URL(answer.location, here);
    return placed(to, `${to.pathname}${to.search}`, urls);
  }
  if (leaderUrl === undefined || !URL.canParse(leaderUrl)) return undefined;
  return placed(new URL(leaderUrl), from.path, urls);
}

function placed(to: URL, path: string, urls: Record<string, string>): Place | undefined {
  const known = Object.hasOwn(urls, firstLabel(to)) ? urls[firstLabel(to)] : undefined;
  if (known !== undefined) return { base: known, path };
  return to.protocol === "https:" ? { base: to.origin, path } : undefined;
}

function firstLabel(url: URL): string {
  return url.hostname.split(".")[0] ?? "";
}
