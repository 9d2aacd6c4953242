import type { SshSession } from "../../drivers/ssh/target.js";
import type { Advertised, Otherwise } from "./advertised.js";

/**
 * `$1` seconds for each, then URLs: prints one line for each, `<url> <digest>`, or `<url> <curl's complaint> <digest>` of
 * what had come until then. Nothing is kept of a file: an image may be larger than what is free there.
 */
export const FETCH = `seconds=$1; shift
for url in "$@"; do
  printf '%s ' "$url"
  {
    curl --silent --show-error --fail --max-time "$seconds" "$url" 2>&3 | sha256sum | cut -c 1-64
  } 3>&1 | tr '\\n' ' '
  echo
done
`;

const PATIENCE_S = 10;

/**
 * Files that the host, asking its own servers, gets otherwise or not at all.
 * @param patience Seconds for each file. Default 10, enough for boot files.
 */
export async function fetchedOtherwise(
  host: SshSession,
  files: readonly Advertised[],
  signal: AbortSignal,
  patience = PATIENCE_S,
): Promise<Otherwise[]> {
  const argv = [String(patience), ...files.map(({ url }) => url)];
  const deadlineMs = 1000 * (20 + files.length * patience);
  const { stdout } = await host.script(FETCH, argv, { signal, deadlineMs, label: "fetching boot files" });
  const lines = stdout.split("\n");
  return files.flatMap(({ url, sha256 }) => {
    const answer = lines.find((line) => line.startsWith(`${url} `))?.slice(url.length + 1) ?? "";
    const [, came] = /^([0-9a-f]{64}) $/.exec(answer) ?? [];
    if (came === sha256) return [];
    if (came !== undefined) return [{ url, found: "another content", sha256: came }];
    return [{ url, found: answer.replace(/ [0-9a-f]{64} $/, "").trim() || "no answer" }];
  });
}
