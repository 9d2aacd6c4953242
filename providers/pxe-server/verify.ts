import type { SshSession } from "../../drivers/ssh/target.js";
import { FlintError } from "../../foundation/errors.js";
import { copies, digest, type Observation, sourceOf } from "./plan.js";
import { renderBootIpxe } from "./render/boot-ipxe.js";
import { BOOT_FILES, HTTP_BOOT } from "./render/dnsmasq.js";
import { type PxeInputs, rootOf } from "./schema.js";

/** A file that DHCP advertises, and what must come when a machine asks for it. */
interface Advertised {
  url: string;
  sha256: string;
}

/** Every file that a machine is told to load, by the way it will load it. */
function advertised(want: PxeInputs, seen: Observation): Advertised[] {
  const root = rootOf(want.cluster);
  const source = (to: string) => {
    const copy = copies(want.cluster).find((each) => each.to === to);
    return seen.files.get((copy && sourceOf(copy, seen)) ?? "") ?? "";
  };
  const tftp = [...new Set(BOOT_FILES.map(({ file }) => file as string))];
  return [
    ...tftp.map((file) => ({ url: `tftp://${want.address}/${file}`, sha256: source(`${root}/tftp/${file}`) })),
    { url: `${want.httpUrl}${HTTP_BOOT.path}`, sha256: source(`${root}/http${HTTP_BOOT.path}`) },
    { url: `${want.httpUrl}/boot.ipxe`, sha256: digest(renderBootIpxe(want)) },
  ];
}

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
 * Asks the running servers for every file they advertise, at the address where machines will ask.
 * @throws FlintError `PXE_NOT_SERVED` naming what did not come.
 */
export async function verifyServed(
  host: SshSession,
  want: PxeInputs,
  seen: Observation,
  signal: AbortSignal,
): Promise<void> {
  const files = advertised(want, seen);
  const { stdout } = await host.script(
    FETCH,
    files.map(({ url }) => url),
    { signal, label: "fetching boot files" },
  );
  const problems = files.flatMap(({ url, sha256 }) => {
    const [found, , ...message] = (stdout.split("\n").find((line) => line.split(" ")[1] === url) ?? "none").split(" ");
    if (found === sha256) return [];
    return [found === "none" ? `${url}: ${message.join(" ") || "no answer"}` : `${url}: another content`];
  });
  problems.push(...(await otherAnswer(want, signal)));
  if (problems.length === 0) return;
  throw new FlintError("PXE_NOT_SERVED", {
    subject: `preparation, ${want.host.name}`,
    expected: "every advertised boot file to be served",
    found: problems.join("; "),
    remedy: `Check firewall rules for UDP 67 and 69 and TCP 80 on ${want.interface}, and ${rootOf(want.cluster)}/log/ there.`,
  });
}

/** From where Pulumi runs, if that reaches the provisioning network: an address conflict shows only from outside. */
async function otherAnswer(want: PxeInputs, signal: AbortSignal): Promise<string[]> {
  const url = `${want.httpUrl}/boot.ipxe`;
  const limit = AbortSignal.any([signal, AbortSignal.timeout(2_000)]);
  const text = await fetch(url, { signal: limit })
    .then((response) => (response.ok ? response.text() : `status ${response.status}`))
    .catch(() => undefined);
  if (text === undefined || text === renderBootIpxe(want)) return [];
  return [`${url} as seen from here: another content, so another machine or a proxy answers at ${want.address}`];
}
