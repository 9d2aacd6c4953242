import type { SshSession } from "../../drivers/ssh/target.js";
import { FlintError } from "../../foundation/errors.js";
import type { Pointer } from "./schema.js";

/** `$@` URLs: prints "<status> <length> <url>"; 000 when nothing answers. */
export const HEADS = `for url in "$@"; do
  curl --silent --head --max-time 5 --output /dev/null --write-out "%{http_code} %header{content-length} $url\\n" "$url" ||
    echo "000 0 $url"
done
`;

/**
 * Asks the web server for each file, at the address where machines will ask. An image may be published before there is
 * a web server: silence is no answer, but a wrong answer is an error.
 * @throws FlintError `IMAGE_NOT_SERVED`.
 */
export async function verifyServed(
  host: SshSession,
  httpUrl: string,
  pointer: Pointer,
  signal: AbortSignal,
): Promise<void> {
  const files = [pointer.kernel, pointer.initrd];
  const urls = files.map(({ path }) => `${httpUrl}${path}`);
  const { stdout } = await host.script(HEADS, urls, { signal, label: "asking the web server" });
  const answers = stdout.split("\n").map((line) => line.split(" "));
  const wrong = files.flatMap(({ path, size }) => {
    const [status, length] = answers.find(([, , url]) => url === `${httpUrl}${path}`) ?? [];
    if (status === undefined || status === "000") return [];
    if (status !== "200") return [`status ${status} for ${path}`];
    // curl before 7.84 does not know the header variable.
    if (/^\d+$/.test(length ?? "") && Number(length) !== size) return [`${length} bytes of ${path}`];
    return [];
  });
  if (wrong.length === 0) return;
  throw new FlintError("IMAGE_NOT_SERVED", {
    subject: `${host.target.name}, image ${pointer.profile}`,
    expected: `${files.map(({ path, size }) => `${httpUrl}${path} with ${size} bytes`).join(" and ")}`,
    found: wrong.join(" and "),
    remedy: "Another web server may answer at this address, or its files are on another disk: check the host.",
  });
}
