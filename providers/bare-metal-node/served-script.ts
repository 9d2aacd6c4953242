import { isLocal } from "../../drivers/ssh/target.js";
import { FlintError } from "../../foundation/errors.js";
import { fetchFromHere, inWordsFromHere, isSilentHere } from "../pxe-server/from-here.js";
import { fetchedOtherwise } from "../pxe-server/on-host.js";
import { digest } from "../pxe-server/plan.js";
import type { NodeContext } from "./context.js";
import { readBootScript } from "./registration.js";
import { bootScriptPath } from "./render/boot-script.js";

/** curl's codes for a server that does not answer: it may be about to, and the boot tells when it never does. */
const SILENCE = /^curl: \((7|28|52|56)\)/;

/**
 * Fetches the machine's boot script as the machine will, before it is switched on.
 * @throws FlintError `PXE_NOT_SERVED` when something else comes: it would boot whatever that says.
 */
export async function expectScriptServed(node: NodeContext): Promise<void> {
  const { want, signal } = node;
  const host = await node.host();
  const bootScript = await readBootScript(host, want);
  if (bootScript === undefined) return;
  const { httpUrl } = want.pxe;
  const file = { url: `${httpUrl}/${bootScriptPath(want.mac)}`, sha256: digest(bootScript) };
  const onHost = await fetchedOtherwise(host, [file], signal);
  const problems = onHost.filter(({ found }) => !SILENCE.test(found)).map(({ url, found }) => `${url}: ${found}`);
  if (problems.length === 0 && !isLocal(want.host) && !isSilentHere(httpUrl)) {
    problems.push(...(await fetchFromHere([file], signal)).problems.map(inWordsFromHere));
  }
  if (problems.length === 0) return;
  throw new FlintError("PXE_NOT_SERVED", {
    subject: `${want.name}, boot script`,
    expected: "the script that was written for this machine",
    found: problems.join("; "),
    remedy: `Run \`pulumi refresh\`, then \`pulumi up\`, which mends the web server on ${want.host.name}. The machine was not switched on.`,
  });
}
