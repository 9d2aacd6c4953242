import { isLocal, type SshSession } from "../../drivers/ssh/target.js";
import { FlintError } from "../../foundation/errors.js";
import { fetchFromHere, isSilentHere, type SeenFromHere } from "../pxe-server/from-here.js";
import { fetchedOtherwise } from "../pxe-server/on-host.js";
import type { Pointer, Published } from "./schema.js";

/** `$@` URLs: prints "<status> <length> <url>"; 000 when nothing answers. */
export const HEADS = `for url in "$@"; do
  curl --silent --head --max-time 5 --output /dev/null --write-out "%{http_code} %header{content-length} $url\\n" "$url" ||
    echo "000 0 $url"
done
`;

/** A disk or a processor that is slower than this cannot serve machines either. */
const SLOWEST_BYTES_PER_S = 2_000_000;

const HOST_REMEDY = "Another web server may answer at this address, or its files are on another disk: check the host.";

const filesOf = ({ kernel, initrd }: Pointer, httpUrl: string): (Published & { url: string })[] =>
  [kernel, initrd].map((file) => ({ ...file, url: `${httpUrl}${file.path}` }));

/**
 * Asks the web server for each file, at the address where machines will ask. An image may be published before there is
 * a web server: silence is no answer, but a wrong answer is an error.
 * @returns Whether it answers.
 * @throws FlintError `IMAGE_NOT_SERVED`.
 */
export async function expectLengths(
  host: SshSession,
  httpUrl: string,
  pointer: Pointer,
  signal: AbortSignal,
): Promise<boolean> {
  const files = filesOf(pointer, httpUrl);
  const urls = files.map(({ url }) => url);
  const { stdout } = await host.script(HEADS, urls, { signal, label: "asking the web server" });
  const answers = stdout.split("\n").map((line) => line.split(" "));
  let silent = false;
  const wrong = files.flatMap(({ path, url, size }) => {
    const [status, length] = answers.find(([, , asked]) => asked === url) ?? [];
    if (status === undefined || status === "000") {
      silent = true;
      return [];
    }
    if (status !== "200") return [`status ${status} for ${path}`];
    // curl before 7.84 does not know the header variable.
    if (/^\d+$/.test(length ?? "") && Number(length) !== size) return [`${length} bytes of ${path}`];
    return [];
  });
  if (wrong.length === 0) return !silent;
  throw new FlintError("IMAGE_NOT_SERVED", {
    subject: `${host.target.name}, image ${pointer.profile}`,
    expected: files.map(({ url, size }) => `${url} with ${size} bytes`).join(" and "),
    found: wrong.join(" and "),
    remedy: HOST_REMEDY,
  });
}

/**
 * Fetches each file, on the host and from where Flint runs if that reaches the provisioning network, and compares digests.
 * These are hundreds of megabytes: it is worth that when something was published, not each time.
 * @returns What does not come here, although the host itself gets it.
 * @throws FlintError `IMAGE_NOT_SERVED`.
 */
export async function expectWhole(
  host: SshSession,
  httpUrl: string,
  pointer: Pointer,
  signal: AbortSignal,
): Promise<string[]> {
  const files = filesOf(pointer, httpUrl);
  const patience = 30 + Math.ceil(Math.max(...files.map(({ size }) => size)) / SLOWEST_BYTES_PER_S);
  const onHost = await fetchedOtherwise(host, files, signal, patience);
  const away = onHost.length > 0 || isLocal(host.target) || isSilentHere(httpUrl);
  const fromHere: SeenFromHere = away ? { problems: [], unanswered: [] } : await fetchFromHere(files, signal);
  const problems = [...onHost, ...fromHere.problems];
  if (problems.length === 0) return fromHere.unanswered;
  const wrong = files.flatMap(({ path, url, sha256 }) =>
    problems
      .filter((problem) => problem.url === url)
      .map(({ found, sha256: came }) => ({
        expected: `${url} with SHA-256 ${sha256}`,
        found: came === undefined ? `${found} for ${path}` : `SHA-256 ${came} of ${path}`,
      })),
  );
  const foundAll = wrong.map(({ found }) => found).join(" and ");
  const address = new URL(httpUrl).hostname;
  throw new FlintError("IMAGE_NOT_SERVED", {
    subject: `${host.target.name}, image ${pointer.profile}`,
    expected: wrong.map(({ expected }) => expected).join(" and "),
    ...(onHost.length > 0
      ? { found: foundAll, remedy: HOST_REMEDY }
      : {
          found: `${foundAll}, as seen from here`,
          remedy: `The host itself gets the right files: another machine has the address ${address}, or a proxy or cache is between.`,
        }),
  });
}
