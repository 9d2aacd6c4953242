import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { PHASES, SHARED_PHASES } from "../../../../providers/phases.js";

const DOCUMENTED = new Set(
  [...readFileSync(resolve(__dirname, "../../../../../docs/errors.md"), "utf8").matchAll(/^\| `([A-Z_]+)` \|/gm)].map(
    ([, code]) => code,
  ),
);

/** Every error that the CLI printed, by the name of the resource. */
export function allErrorsOf(output: string): Map<string, string[]> {
  const errors = new Map<string, string[]>();
  const at = output.lastIndexOf("\nDiagnostics:");
  if (at < 0) return errors;
  let resource = "";
  for (const line of output.slice(at).split("\n")) {
    resource = /^ {2}\S+ \((\S+)\):$/.exec(line)?.[1] ?? resource;
    // A failure that keeps a part is told as a list of one.
    const text = /^ +(?:error: (?!\d+ errors? occurred)|\t?\* )(.*)$/.exec(line.replaceAll("\t", " "))?.[1]?.trim();
    if (text !== undefined) errors.set(resource, [...(errors.get(resource) ?? []), text]);
  }
  return errors;
}

export const codeOf = (error: string): string => /\[([A-Z_]+)\]$/.exec(error)?.[1] ?? "?";

/** "node04, start of the installer, BMC at …: expected …"; "preparation, provisioning host: expected …" */
const NAMES_PHASE = new RegExp(`^(${SHARED_PHASES.join("|")}), |^[^,]+, (${PHASES.join("|")})[,:]`);

/** What is missing in an error about this machine: whoever reads it must know where, when, what, and what to do. */
export function flawsOf(error: string, machine: string): string[] {
  const flaws: string[] = [];
  if (!error.includes(machine)) flaws.push("does not name the machine");
  if (!NAMES_PHASE.test(error)) flaws.push("does not name the phase");
  if (!/: expected .+ but found .+\. [A-Z].+ \[[A-Z_]+\]$/.test(error))
    flaws.push("lacks expected, found, remedy or code");
  if (/ but found [A-Z]+(_[A-Z]+)+\. /.test(error)) flaws.push("tells a code in place of what was found");
  if (!DOCUMENTED.has(codeOf(error))) flaws.push("has a code that docs/errors.md does not know");
  if (/undefined|\[object|NaN/.test(error)) flaws.push("holds an empty value");
  return flaws.map((flaw) => `${machine}: its error ${flaw}: ${error}`);
}
