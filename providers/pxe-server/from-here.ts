import { createHash } from "node:crypto";
import { readTftp } from "../../drivers/tftp/read.js";
import type { Advertised, Otherwise } from "./advertised.js";

/** What the machine that Flint runs on got when it asked for boot files, as a machine on the network would. */
export interface SeenFromHere {
  problems: Otherwise[];
  /** Nothing came: Flint may be on another network, or a firewall between. */
  unanswered: string[];
}

/** Until the first file begins to come. */
const REACH_MS = 2_000;
/** Until another one begins to come, and between two parts of it; by TFTP until it is whole. */
const QUIET_MS = 20_000;

/** Web servers that did not answer when they were last asked: each is waited for once, not for each machine. */
const silent = new Set<string>();

/** Whether a file of this web server was asked for in vain. */
export function isSilentHere(httpUrl: string): boolean {
  return silent.has(new URL(httpUrl).origin);
}

/**
 * Fetches files by HTTP and TFTP, and compares digests. What another machine or a cache answers at the address, and what a
 * firewall keeps from the network, shows only from outside. The first file that does not answer by HTTP ends it: the
 * provisioning network is not reached from here.
 */
export async function fetchFromHere(files: readonly Advertised[], signal: AbortSignal): Promise<SeenFromHere> {
  const [first, ...others] = files;
  if (first === undefined) return { problems: [], unanswered: [] };
  const answer = await fetched(first.url, REACH_MS, signal);
  silent[answer === undefined ? "add" : "delete"](new URL(first.url).origin);
  if (answer === undefined) return { problems: [], unanswered: files.map(({ url }) => url) };
  const answers = [answer, ...(await Promise.all(others.map(({ url }) => fetched(url, QUIET_MS, signal))))];
  const seen: SeenFromHere = { problems: [], unanswered: [] };
  files.forEach(({ url, sha256 }, index) => {
    const found = answers[index];
    if (found === undefined) seen.unanswered.push(url);
    else if ("refused" in found) seen.problems.push({ url, found: found.refused });
    else if (found.sha256 !== sha256) {
      const address = new URL(url).hostname;
      const foreign = `another content, so another machine or a proxy answers at ${address}`;
      seen.problems.push({ url, found: foreign, sha256: found.sha256 });
    }
  });
  return seen;
}

/** "http://10.0.0.1/boot.ipxe as seen from here: status 404" */
export function inWordsFromHere({ url, found }: Otherwise): string {
  return `${url} as seen from here: ${found}`;
}

type Fetched = { sha256: string } | { refused: string } | undefined;

/** Undefined when nothing answers within the time, or no whole file. */
async function fetched(url: string, withinMs: number, signal: AbortSignal): Promise<Fetched> {
  try {
    return await (url.startsWith("tftp:") ? byTftp : byHttp)(url, withinMs, signal);
  } catch {
    signal.throwIfAborted();
    return undefined;
  }
}

/** An initrd has hundreds of megabytes: nothing of it is kept, and it may take its time as long as it comes. */
async function byHttp(url: string, withinMs: number, signal: AbortSignal): Promise<Fetched> {
  const silence = new AbortController();
  const giveUp = () => silence.abort();
  let timer = setTimeout(giveUp, withinMs);
  try {
    const response = await fetch(url, { signal: AbortSignal.any([signal, silence.signal]) });
    clearTimeout(timer);
    timer = setTimeout(giveUp, QUIET_MS);
    if (!response.ok) {
      await response.body?.cancel();
      return { refused: `status ${response.status}` };
    }
    const hash = createHash("sha256");
    for await (const part of response.body ?? []) {
      timer.refresh();
      hash.update(part);
    }
    return { sha256: hash.digest("hex") };
  } finally {
    clearTimeout(timer);
  }
}

async function byTftp(url: string, withinMs: number, signal: AbortSignal): Promise<Fetched> {
  const { hostname, port, pathname } = new URL(url);
  const limit = AbortSignal.any([signal, AbortSignal.timeout(withinMs)]);
  const answer = await readTftp(hostname, pathname.slice(1), { port: Number(port || 69), signal: limit });
  if (answer === "no answer") return undefined;
  return "refused" in answer ? answer : { sha256: createHash("sha256").update(answer.content).digest("hex") };
}
