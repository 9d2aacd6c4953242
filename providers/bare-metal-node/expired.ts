import { minuteOf } from "../../drivers/health/certificate.js";
import { probeHealth } from "../../drivers/health/probe.js";
import type { RaftClient, RaftService } from "../../drivers/raft/driver.js";
import { refuseLosingQuorum } from "./quorum.js";

/** An emulated or busy machine takes seconds for a TLS handshake. */
const PROBE_MS = 15_000;
const ASK_MS = 10_000;

/**
 * When the certificate that a service shows has expired; undefined while it is valid, and when nobody answers.
 * @param clock The machine's own. A clock here that is ahead must not make all certificates look expired.
 */
export async function expiredSince(
  url: string,
  { ca, signal, clock }: { ca: string; signal: AbortSignal; clock: () => Promise<Date> },
): Promise<Date | undefined> {
  const { fault } = await probeHealth(url, { ca, deadlineMs: PROBE_MS, signal });
  return fault?.kind === "expired" && (await clock()) > fault.at ? fault.at : undefined;
}

export interface Expired {
  node: string;
  service: RaftService;
  since: Date;
}

/**
 * Whether a voter with an expired certificate, which is about to get a valid one, is to be waited for afterwards. Its
 * services are restarted in any case: nobody can call them as they are. Certificates that were made on one day expire on
 * one day, and then nobody is left to say whether the others keep the majority, nor comes back before they are renewed, too.
 * @returns false where the others do not keep the majority, or do not say so; that is told by `warn`.
 */
export async function comesBackAlone(
  client: Pick<RaftClient, "members">,
  { node, service, since }: Expired,
  { signal, warn }: { signal: AbortSignal; warn: (text: string) => void },
): Promise<boolean> {
  try {
    const membership = await client.members(ASK_MS);
    if (membership?.leader !== undefined) {
      refuseLosingQuorum(service, node, membership, "services");
      return membership.members.some(({ id, role }) => id === node && role !== "learner");
    }
  } catch {
    signal.throwIfAborted();
  }
  warn(
    `${node}, ${service}: its certificate expired on ${minuteOf(since)}, and the others have no majority without it, or cannot say so. ` +
      "It gets a valid one and is restarted all the same: nobody can call it as it is.",
  );
  return false;
}
