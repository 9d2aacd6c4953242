import { missingPrograms } from "../../drivers/nix/programs.js";
import { notOnPath } from "../../foundation/tool-missing.js";

const SHOWN = 3;

/**
 * What `pulumi up` will miss on this machine. Only warnings: a preview does without, as in a pipeline that never runs `up`.
 * @param ipmi Machines whose BMC is reached by IPMI.
 */
export function programWarnings(ipmi: readonly string[], path = process.env.PATH ?? ""): string[] {
  const warnings: string[] = [];
  const missing = missingPrograms(path);
  if (missing.length > 0) {
    const [verb, these] = missing.length === 1 ? ["is", "it"] : ["are", "them"];
    warnings.push(
      `${missing.join(" and ")} ${verb} not on PATH: \`pulumi up\` neither installs nor updates a machine without ${these}.`,
    );
  }
  if (ipmi.length > 0 && notOnPath(["ipmitool"], path).length > 0) {
    const more = ipmi.length - SHOWN;
    const named = ipmi.slice(0, SHOWN).join(", ") + (more > 0 ? ` and ${more} more` : "");
    warnings.push(`ipmitool is not on PATH: without it \`pulumi up\` reaches no BMC by IPMI (${named}).`);
  }
  return warnings;
}
