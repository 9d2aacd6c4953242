import { createHash } from "node:crypto";
import { readTftp } from "../../drivers/tftp/read.js";
import type { Advertised } from "./advertised.js";

/** What the machine that Flint runs on got when it asked for boot files, as a machine on the network would. */
export interface SeenFromHere {
  /** URL and what came instead of the file. */
  problems: string[];
  /** Nothing came: Flint may be on another network, or a firewall between. */
  unanswered: string[];
}

const REACH_MS = 2_000;
const FETCH_MS = 20_000;

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
  const answers = [answer, ...(await Promise.all(others.map(({ url }) => fetched(url, FETCH_MS, signal))))];
  const seen: SeenFromHere = { problems: [], unanswered: [] };
  files.forEach(({ url, sha256 }, index) => {
    const found = answers[index];
    if (found === undefined) seen.unanswered.push(url);
    else if ("refused" in found) seen.problems.push(`${url} as seen from here: ${found.refused}`);
    else if (found.sha256 !== sha256) {
      const address = new URL(url).hostname;
      seen.problems.push(
        `${url} as seen from here: another content, so another machine or a proxy answers at ${address}`,
      );
    }
  });
  return seen;
}

type Fetched = { sha256: string } | { refused: string } | undefined;

/** Undefined when nothing answers within the time. */
async function fetched(url: string, withinMs: number, signal: AbortSignal): Promise<Fetched> {
  const limit = AbortSignal.any([signal, AbortSignal.timeout(withinMs)]);
  try {
    return await (url.startsWith("tftp:") ? byTftp(url, limit) : byHttp(url, limit));
  } catch {
    signal.throwIfAborted();
    return undefined;
  }
}

async function byHttp(url: string, signal: AbortSignal): Promise<Fetched> {
  const response = await fetch(url, { signal });
  if (!response.ok) return { refused: `status ${response.status}` };
  return { sha256: digestOf(Buffer.from(await response.arrayBuffer())) };
}

async function byTftp(url: string, signal: AbortSignal): Promise<Fetched> {
  const { hostname, port, pathname } = new URL(url);
  const answer = await readTftp(hostname, pathname.slice(1), { port: Number(port || 69), signal });
  if (answer === "no answer") return undefined;
  return "refused" in answer ? answer : { sha256: digestOf(answer.content) };
}

const digestOf = (content: Buffer) => createHash("sha256").update(content).digest("hex");
