import { posix } from "node:path";
import pLimit from "p-limit";
import type { SshSession } from "../../drivers/ssh/target.js";
import { inSharedPhase } from "../phases.js";
import { whenSettled } from "../pxe-server/at-work.js";
import { rootOf } from "../pxe-server/schema.js";
import { connections } from "../runtime/connections.js";
import { noteWarned } from "../runtime/found-changes.js";
import type { Run } from "../runtime/lifecycle.js";
import { PENDING } from "../runtime/partial-failure.js";
import { look } from "./holdings.js";
import { damage, leftovers, missing, pointerText } from "./plan.js";
import { type ImageInputs, type ImageOutputs, type Pointer, pointerSchema } from "./schema.js";
import { expectLengths, expectWhole } from "./served.js";
import { type LocalImage, withImage } from "./source.js";
import { upload } from "./upload.js";

/** Images share files and a link to the host: one is published at a time, and none is tidied away under another. */
const oneAtATime = pLimit(1);

const connect = (want: ImageInputs, run: Run<ImageOutputs>) => connections.get(want.host, { signal: run.signal });

export function converge(want: ImageInputs, run: Run<ImageOutputs>): Promise<ImageOutputs> {
  return withImage(want, run, (image) =>
    oneAtATime(() => publish(want, image, run)).catch((error: unknown) => {
      throw inSharedPhase("publication", error);
    }),
  );
}

export function unbegun(error: unknown, _: ImageInputs, { operation }: Pick<Run<ImageOutputs>, "operation">): unknown {
  return inSharedPhase(operation === "delete" ? "removal" : "publication", error);
}

async function publish(want: ImageInputs, image: LocalImage, run: Run<ImageOutputs>): Promise<ImageOutputs> {
  run.signal.throwIfAborted();
  const { pointer } = image;
  const root = rootOf(want.cluster);
  const host = await connect(want, run);
  const paths = [pointer.kernel.path, pointer.initrd.path];
  const held = await look(host, root, want.profile, paths, run.signal);
  const found = damage(pointer, held);
  if (found.length > 0) run.record({ damage: found });
  await uploadMissing(host, `${root}/http`, image, missing(pointer, held), run);
  // One cause, one error: the server's own. Machines wait for the server, and the next run asks it.
  if (!(await whenSettled(want.httpUrl))) return outputsOf(pointer, [NOT_ASKED]);
  await expectServed(host, want, pointer, found.length > 0 || mayBeNew(want, run), run);
  if (held.pointer !== pointerText(pointer)) {
    await host.writeFile(`${root}/images/${want.profile}.json`, pointerText(pointer), 0o644);
  }
  await tidy(host, root, leftovers(pointer, held), run.signal);
  return outputsOf(pointer, []);
}

async function uploadMissing(
  host: SshSession,
  webRoot: string,
  image: LocalImage,
  files: readonly Pointer["kernel"][],
  run: Run<ImageOutputs>,
): Promise<void> {
  const total = files.reduce((sum, { size }) => sum + size, 0);
  let before = 0;
  for (const file of files) {
    await upload(host, webRoot, file, image.files.get(file.path) ?? "", {
      signal: run.signal,
      onProgress: (sent) =>
        run.say(`uploading ${Math.floor((100 * (before + sent)) / total)} % of ${Math.ceil(total / 1e6)} MB`),
    });
    before += file.size;
  }
}

/** What is not as it should be with an image whose server failed while it was published. */
export const NOT_ASKED = "not fetched yet, as its server was not set up";

/** Whether nobody has seen yet that the web server gives out just this: what was uploaded before may never have been fetched. */
function mayBeNew({ httpUrl }: ImageInputs, { before = {} }: Run<ImageOutputs>): boolean {
  return PENDING in before || (before.damage ?? []).length > 0 || Reflect.get(before, "httpUrl") !== httpUrl;
}

/** Before the pointer is written: machines boot what it names. @param whole Also fetches the files, which takes a while. */
async function expectServed(
  host: SshSession,
  want: ImageInputs,
  pointer: Pointer,
  whole: boolean,
  run: Run<ImageOutputs>,
): Promise<void> {
  const answers = await expectLengths(host, want.httpUrl, pointer, run.signal);
  if (!answers || !whole) return;
  run.say("fetching kernel and initrd as machines do");
  const unanswered = await expectWhole(host, want.httpUrl, pointer, run.signal);
  if (unanswered.length === 0) return;
  run.info(`The image was fetched on the host itself only: ${unanswered.join(" and ")} did not come here by HTTP.`);
}

async function tidy(
  host: SshSession,
  root: string,
  directories: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  if (directories.length === 0) return;
  await host.exec(["rm", "-rf", ...directories.map((name) => `${root}/http/images/${name}`)], { signal });
}

export async function read(want: ImageInputs, run: Run<ImageOutputs>): Promise<ImageOutputs | undefined> {
  const recorded = pointerSchema.safeParse({ ...run.before, profile: want.profile });
  const host = await connect(want, run);
  const paths = recorded.success ? [recorded.data.kernel.path, recorded.data.initrd.path] : [];
  const held = await look(host, rootOf(want.cluster), want.profile, paths, run.signal);
  if (held.pointer === undefined && held.files.size === 0) return undefined;
  if (!recorded.success) return { ...(run.before as ImageOutputs), damage: ["not published yet"] };
  const found = damage(recorded.data, held);
  if (found.length > 0) {
    run.warn(`${want.host.name}: ${found.join("; ")}. The next \`pulumi up\` puts it right.`);
    noteWarned(want.self, found);
  }
  return outputsOf(recorded.data, found);
}

function outputsOf({ arch, kernel, initrd, cmdline }: Pointer, found: string[]): ImageOutputs {
  return { arch, kernel, initrd, cmdline, damage: found };
}

/** `$1` pointer, the others directories that may go if they are empty. */
export const UNPUBLISH = `rm -f -- "$1"; shift
for directory in "$@"; do [ ! -d "$directory" ] || rmdir --ignore-fail-on-non-empty -- "$directory"; done
`;

export function remove(want: ImageInputs, run: Run<ImageOutputs>): Promise<void> {
  return unpublish(want, run).catch((error: unknown) => {
    throw inSharedPhase("removal", error);
  });
}

async function unpublish(want: ImageInputs, run: Run<ImageOutputs>): Promise<void> {
  const root = rootOf(want.cluster);
  const host = await connect(want, run);
  await oneAtATime(async () => {
    const held = await look(host, root, want.profile, [], run.signal);
    await tidy(host, root, leftovers(undefined, held), run.signal);
    const directories = ["/http/images", "/http", "/images", "", "/.."].map((name) => posix.join(root, name));
    await host.script(UNPUBLISH, [`${root}/images/${want.profile}.json`, ...directories], {
      label: "removal of the image",
    });
  });
}
