import type { SshSession } from "../../drivers/ssh/target.js";
import type { Holdings } from "./plan.js";

/** `$1` Flint's directory, `$2` profile, then paths below the web root to digest. */
export const LOOK = `root=$1; profile=$2; shift 2
for path in "$@"; do
  [ -f "$root/http$path" ] && echo "file $(stat -c %s "$root/http$path") $(sha256sum < "$root/http$path" | cut -c 1-64) $path"
done
for directory in "$root"/http/images/*/; do
  [ -d "$directory" ] && echo "directory $(basename "$directory")"
done
{
  cat "$root"/http/nodes/*.ipxe 2>/dev/null
  for pointer in "$root"/images/*.json; do
    [ "$pointer" = "$root/images/$profile.json" ] || cat "$pointer" 2>/dev/null
  done
} | grep -o '/images/[0-9a-f]*/' | sort -u | cut -d / -f 3 | sed 's/^/used /'
[ -f "$root/images/$profile.json" ] && echo "pointer $(base64 -w 0 < "$root/images/$profile.json")"
echo end
`;

/** One look at what the host holds of an image. Reads only. */
export async function look(
  host: SshSession,
  root: string,
  profile: string,
  paths: readonly string[],
  signal: AbortSignal,
): Promise<Holdings> {
  const { stdout } = await host.script(LOOK, [root, profile, ...paths], { signal, label: "looking at the images" });
  return parseHoldings(stdout);
}

export function parseHoldings(text: string): Holdings {
  const held: Holdings = { pointer: undefined, files: new Map(), directories: [], used: new Set() };
  const lines = text.split("\n");
  if (!lines.includes("end")) throw new Error("the look at the images was cut off");
  for (const line of lines) {
    const [kind, first = "", second = "", path = ""] = line.split(" ");
    if (kind === "file") held.files.set(path, { size: Number(first), sha256: second });
    else if (kind === "directory") held.directories.push(first);
    else if (kind === "used") held.used.add(first);
    else if (kind === "pointer") held.pointer = Buffer.from(first, "base64").toString("utf8");
  }
  return held;
}
