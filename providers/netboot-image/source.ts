import { createHash } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { rm, stat } from "node:fs/promises";
import path from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { buildImage } from "../../drivers/nix/build-image.js";
import { FlintError, isFlintError, messageFrom } from "../../foundation/errors.js";
import { makePrivateDirectory } from "../../foundation/private-directory.js";
import { publishedPath } from "./plan.js";
import type { ImageInputs, Pointer, Published } from "./schema.js";

/** An image whose files are here, ready to be published. */
export interface LocalImage {
  pointer: Pointer;
  /** Published path → local file. */
  files: Map<string, string>;
}

interface Context {
  signal: AbortSignal;
  say(text: string): void;
}

const BUILD_DEADLINE_S = 3_600;
const DOWNLOAD_DEADLINE_MS = 30 * 60_000;

/** Builds or gets the image, gives it to `use`, and removes what was downloaded. */
export async function withImage<T>(
  want: ImageInputs,
  context: Context,
  use: (image: LocalImage) => Promise<T>,
): Promise<T> {
  if ("build" in want.source) return use(await built(want, want.source.build, context));
  const { kernel, initrd, cmdline, arch } = want.source.files;
  const directory = await makePrivateDirectory("image");
  try {
    const [kernelFile, initrdFile] = await Promise.all([
      localFile(kernel, path.join(directory, "bzImage"), context),
      localFile(initrd, path.join(directory, "initrd"), context),
    ]);
    const files = {
      kernel: await described("bzImage", kernelFile, kernel),
      initrd: await described("initrd", initrdFile, initrd),
    };
    return await use({
      pointer: { profile: want.profile, arch, ...files, cmdline },
      files: new Map([
        [files.kernel.path, kernelFile],
        [files.initrd.path, initrdFile],
      ]),
    });
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** The nix driver knows the flake only: what was to be built of it is said here. */
function named(profile: string, error: unknown): unknown {
  if (!isFlintError(error)) return error;
  const { code, subject, expected, found, remedy } = error;
  return new FlintError(code, {
    subject: `netboot image ${profile}, build, ${subject}`,
    expected,
    found,
    remedy,
    cause: error,
  });
}

async function built(
  want: ImageInputs,
  source: { flake: string; inputs: Record<string, string> },
  { signal, say }: Context,
): Promise<LocalImage> {
  say(`building netboot-${want.profile}`);
  const deadlineMs = 1000 * (want.deadlines?.build ?? BUILD_DEADLINE_S);
  const image = await buildImage(source, want.profile, { deadlineMs, signal, onProgress: say }).catch(
    (error: unknown) => {
      throw named(want.profile, error);
    },
  );
  const kernel = { ...image.kernel, path: publishedPath("bzImage", image.kernel.sha256) };
  const initrd = { ...image.initrd, path: publishedPath("initrd", image.initrd.sha256) };
  const plain = ({ path: where, size, sha256 }: Published): Published => ({ path: where, size, sha256 });
  return {
    pointer: {
      profile: want.profile,
      arch: image.arch,
      kernel: plain(kernel),
      initrd: plain(initrd),
      cmdline: image.cmdline,
    },
    files: new Map([
      [kernel.path, path.join(image.path, kernel.file)],
      [initrd.path, path.join(image.path, initrd.file)],
    ]),
  };
}

/** @throws FlintError `IMAGE_DOWNLOAD`. */
async function localFile(file: { url?: string; path?: string }, to: string, { signal, say }: Context): Promise<string> {
  if (file.path !== undefined) return file.path;
  const url = file.url ?? "";
  say(`downloading ${url}`);
  try {
    const response = await fetch(url, { signal: AbortSignal.any([signal, AbortSignal.timeout(DOWNLOAD_DEADLINE_MS)]) });
    if (!response.ok || response.body === null) throw new Error(`status ${response.status}`);
    await pipeline(Readable.fromWeb(response.body as import("node:stream/web").ReadableStream), createWriteStream(to));
    return to;
  } catch (cause) {
    signal.throwIfAborted();
    throw new FlintError("IMAGE_DOWNLOAD", {
      subject: url,
      expected: "a file",
      found: messageFrom(cause),
      remedy: "Check the URL and the way there from the machine that runs Pulumi.",
      cause,
    });
  }
}

/** @throws FlintError `IMAGE_FILE` when there is no such file, `IMAGE_DIGEST` when it has another content. */
async function described(
  name: "bzImage" | "initrd",
  local: string,
  declared: { sha256: string; url?: string; path?: string },
): Promise<Published> {
  const subject = declared.url ?? local;
  const hash = createHash("sha256");
  try {
    await pipeline(createReadStream(local), hash);
  } catch (cause) {
    throw new FlintError("IMAGE_FILE", {
      subject,
      expected: "a readable file",
      found: messageFrom(cause),
      remedy: "Correct the path in images.",
      cause,
    });
  }
  const found = hash.digest("hex");
  if (found !== declared.sha256) {
    throw new FlintError("IMAGE_DIGEST", {
      subject,
      expected: `SHA-256 ${declared.sha256}`,
      found,
      remedy: "If the file changed on purpose, declare its new SHA-256; otherwise get it again.",
    });
  }
  return { path: publishedPath(name, found), size: (await stat(local)).size, sha256: found };
}
