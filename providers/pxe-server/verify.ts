import { isLocal, type SshSession } from "../../drivers/ssh/target.js";
import { FlintError } from "../../foundation/errors.js";
import { type Advertised, advertised } from "./advertised.js";
import { fetchFromHere } from "./from-here.js";
import type { Observation } from "./plan.js";
import { type PxeInputs, rootOf } from "./schema.js";

/** Prints one line for each URL: its digest, or `none` and curl's complaint. */
export const FETCH = `for url in "$@"; do
  file=$(mktemp)
  if message=$(curl --silent --show-error --fail --max-time 10 --output "$file" "$url" 2>&1); then
    echo "$(sha256sum < "$file" | cut -c 1-64) $url"
  else
    echo "none $url $message"
  fi
  rm -f "$file"
done
`;

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
  const fromHere = isLocal(want.host) ? { problems: [], unanswered: [] } : await fetchFromHere(files, signal);
  const problems = [...onHost.map(({ url, found }) => `${url}: ${found}`), ...fromHere.problems];
  if (problems.length === 0) return fromHere.unanswered;
  throw new FlintError("PXE_NOT_SERVED", {
    subject: `preparation, ${want.host.name}`,
    expected: "every advertised boot file to be served",
    found: problems.join("; "),
    remedy: `Check firewall rules for UDP 67 and 69 and TCP 80 on ${want.interface}, and ${rootOf(want.cluster)}/log/ there.`,
  });
}

/** Files that the host, asking its own servers, gets otherwise or not at all. */
export async function fetchedOtherwise(
  host: SshSession,
  files: readonly Advertised[],
  signal: AbortSignal,
): Promise<{ url: string; found: string }[]> {
  const urls = files.map(({ url }) => url);
  const { stdout } = await host.script(FETCH, urls, { signal, label: "fetching boot files" });
  const lines = stdout.split("\n").map((line) => line.split(" "));
  return files.flatMap(({ url, sha256 }) => {
    const [found, , ...message] = lines.find((line) => line[1] === url) ?? ["none"];
    if (found === sha256) return [];
    return [{ url, found: found === "none" ? message.join(" ") || "no answer" : "another content" }];
  });
}
