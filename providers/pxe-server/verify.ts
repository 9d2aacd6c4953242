import { isLocal, type SshSession } from "../../drivers/ssh/target.js";
import { FlintError } from "../../foundation/errors.js";
import { advertised } from "./advertised.js";
import { fetchFromHere, inWordsFromHere, type SeenFromHere } from "./from-here.js";
import { fetchedOtherwise } from "./on-host.js";
import type { Observation } from "./plan.js";
import { type PxeInputs, rootOf } from "./schema.js";

/**
 * Asks the running servers for every file they advertise, at the address where machines will ask: on the host, and from where
 * Flint runs if that reaches the provisioning network.
 * @returns What does not answer from here, although the host itself gets it.
 * @throws FlintError `PXE_NOT_SERVED` naming what did not come.
 */
export async function verifyServed(
  host: SshSession,
  want: PxeInputs,
  seen: Observation,
  signal: AbortSignal,
): Promise<string[]> {
  const files = advertised(want, seen);
  const onHost = await fetchedOtherwise(host, files, signal);
  const nothing: SeenFromHere = { problems: [], unanswered: [] };
  const fromHere = isLocal(want.host) ? nothing : await fetchFromHere(files, signal);
  const problems = [...onHost, ...fromHere.problems];
  if (problems.length === 0) return fromHere.unanswered;
  const foreign = problems.some(({ sha256 }) => sha256 !== undefined);
  throw new FlintError("PXE_NOT_SERVED", {
    subject: `preparation, ${want.host.name}`,
    expected: "every advertised boot file to be served",
    found: [...onHost.map(({ url, found }) => `${url}: ${found}`), ...fromHere.problems.map(inWordsFromHere)].join(
      "; ",
    ),
    remedy: foreign
      ? `Look for another server on the host, for another machine that has ${want.address}, and for a proxy between.`
      : `Check firewall rules for UDP 67 and 69 and TCP 80 on ${want.interface}, and ${rootOf(want.cluster)}/log/ there.`,
  });
}
