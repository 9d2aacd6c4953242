import { open } from "node:fs/promises";
import type { SshSession } from "../../drivers/ssh/target.js";
import { FlintError } from "../../foundation/errors.js";
import type { Published } from "./schema.js";

/** Bytes sent by one command. A connection that breaks costs at most this much: the next attempt goes on after it. */
const CHUNK = 8 * 1024 * 1024;

/** Makes the directory and prints how much of the file is there: `$1` unfinished file. */
const BEGIN = `set -eu
umask 022
mkdir -p -- "$(dirname -- "$1")"
[ -f "$1" ] || : > "$1"
stat -c %s -- "$1"
`;

/** Appends standard input at `$2` of the unfinished file `$1`: a repeated chunk overwrites itself. */
const APPEND = `set -eu
truncate -s "$2" -- "$1"
cat >> "$1"
stat -c %s -- "$1"
`;

/** Puts the unfinished file `$1` in its place `$2` if it has the digest `$3`; else prints the found one and ends with 3. */
const FINISH = `set -eu
found=$(sha256sum < "$1" | cut -c 1-64)
if [ "$found" != "$3" ]; then rm -f -- "$1"; echo "$found"; exit 3; fi
chmod 0644 -- "$1"
sync -- "$1"
mv -f -- "$1" "$2"
`;

/**
 * Publishes one file, and goes on where an earlier upload was cut off.
 * @throws FlintError `IMAGE_UPLOAD` when what arrived has another digest.
 */
export async function upload(
  host: SshSession,
  webRoot: string,
  file: Published,
  local: string,
  { signal, onProgress }: { signal: AbortSignal; onProgress: (sentBytes: number) => void },
): Promise<void> {
  const target = `${webRoot}${file.path}`;
  const unfinished = `${target}.part`;
  const label = `upload of ${file.path}`;
  const begun = await host.script(BEGIN, [unfinished], { signal, label });
  const there = Number(begun.stdout.trim());
  const handle = await open(local, "r");
  try {
    let at = there <= file.size ? there - (there % CHUNK) : 0;
    const buffer = Buffer.alloc(Math.min(CHUNK, file.size));
    while (at < file.size) {
      const { bytesRead } = await handle.read(buffer, 0, buffer.length, at);
      if (bytesRead === 0) break;
      await host.exec(["sh", "-c", APPEND, "sh", unfinished, String(at)], {
        stdin: buffer.subarray(0, bytesRead),
        signal,
        label,
        // A slow link still moves 8 MiB in ten minutes.
        deadlineMs: 600_000,
      });
      at += bytesRead;
      onProgress(at);
    }
  } finally {
    await handle.close();
  }
  const finished = await host.script(FINISH, [unfinished, target, file.sha256], { signal, label, okCodes: [3] });
  if (finished.code === 0) return;
  throw new FlintError("IMAGE_UPLOAD", {
    subject: `${host.target.name}, ${file.path}`,
    expected: `SHA-256 ${file.sha256} after the upload`,
    found: finished.stdout.trim(),
    remedy: "The file was removed there. Check the host's disk and memory, then run `pulumi up` again.",
  });
}
