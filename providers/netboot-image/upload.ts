import { open } from "node:fs/promises";
import pLimit from "p-limit";
import type { SshSession } from "../../drivers/ssh/target.js";
import { FlintError } from "../../foundation/errors.js";
import type { Published } from "./schema.js";

/** Bytes sent by one command. A connection that breaks costs at most a few of these: the next attempt sends the rest. */
const CHUNK = 2 * 1024 * 1024;

/** One ssh channel moves a window at a time and waits; four of them fill a fast link (measured: three times as fast). */
const AT_ONCE = 4;

/** Joining takes as long as a slow disk needs for the whole file, some times. */
const JOINING_MS = 300_000;

/**
 * Prints the chunks of `$1` that are there, as "<name> <size>"; or "whole" where `$2` has the digest `$3`. A run that was killed
 * while the host joined them has not ended that: it is waited for.
 */
export const BEGIN = `umask 022
mkdir -p -- "\${1%/*}"
exec 9< "\${1%/*}"
flock 9
if [ ! -d "$1" ] && [ -f "$2" ] && [ "$(sha256sum < "$2" | cut -c 1-64)" = "$3" ]; then echo whole; exit 0; fi
mkdir -p -- "$1"
cd -- "$1" && for chunk in [0-9]*; do [ -f "$chunk" ] && echo "$chunk $(stat -c %s "$chunk")"; done
exit 0
`;

/** Joins the chunks `$1`/… into `$2` if the whole has the digest `$3`; else prints the digest it has and ends with 3. */
export const FINISH = `set -eu
umask 022
exec 9< "\${1%/*}"
flock 9
cat -- "$1"/[0-9]* > "$2.part"
rm -rf -- "$1"
found=$(sha256sum < "$2.part" | cut -c 1-64)
if [ "$found" != "$3" ]; then rm -f -- "$2.part"; echo "$found"; exit 3; fi
sync -- "$2.part"
mv -f -- "$2.part" "$2"
`;

export interface UploadOptions {
  signal: AbortSignal;
  /** Told how many bytes of the file are there. */
  onProgress: (sentBytes: number) => void;
}

/**
 * Publishes one file, and goes on where an earlier upload was cut off.
 * @throws FlintError `IMAGE_UPLOAD` when what arrived has another digest.
 */
export async function upload(
  host: SshSession,
  webRoot: string,
  file: Published,
  local: string,
  { signal, onProgress }: UploadOptions,
): Promise<void> {
  const target = `${webRoot}${file.path}`;
  // Of this content only: chunks of another file must not be joined with these.
  const chunks = `${target}.${file.sha256.slice(16, 32)}`;
  const label = `upload of ${file.path}`;
  const words = [chunks, target, file.sha256];
  const begun = await host.script(BEGIN, words, { signal, label, deadlineMs: JOINING_MS });
  const there = new Set(begun.stdout.split("\n"));
  if (there.has("whole")) return onProgress(file.size);
  let sent = 0;
  const handle = await open(local, "r");
  const limit = pLimit(AT_ONCE);
  // Used again and again: garbage of this size stays in memory for long.
  const buffers = Array.from({ length: AT_ONCE }, () => Buffer.alloc(CHUNK));
  try {
    await Promise.all(
      chunksOf(file.size).map(({ name, at, size }) =>
        limit(async () => {
          signal.throwIfAborted();
          if (!there.has(`${name} ${size}`)) {
            const buffer = buffers.pop() ?? Buffer.alloc(CHUNK);
            await handle.read(buffer, 0, size, at);
            await host.writeFile(`${chunks}/${name}`, buffer.subarray(0, size), 0o644);
            buffers.push(buffer);
          }
          sent += size;
          onProgress(sent);
        }),
      ),
    );
  } finally {
    limit.clearQueue();
    await handle.close();
  }
  const finished = await host.script(FINISH, words, { signal, label, okCodes: [3], deadlineMs: JOINING_MS });
  if (finished.code === 0) return;
  throw new FlintError("IMAGE_UPLOAD", {
    subject: `${host.target.name}, ${file.path}`,
    expected: `SHA-256 ${file.sha256} after the upload`,
    found: finished.stdout.trim(),
    remedy: "The file was removed there. Check the host's disk and memory, then run `pulumi up` again.",
  });
}

function chunksOf(size: number): { name: string; at: number; size: number }[] {
  return Array.from({ length: Math.ceil(size / CHUNK) }, (_, index) => ({
    // Names sort as numbers do, so that the shell joins them in order.
    name: String(index).padStart(6, "0"),
    at: index * CHUNK,
    size: Math.min(CHUNK, size - index * CHUNK),
  }));
}
