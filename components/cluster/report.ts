import { FlintError } from "../../foundation/errors.js";
import type { Problem } from "./problem.js";

/**
 * One error for all problems, `CONFIG_INVALID`. Pulumi prints its message alone, without a stack: for a person who
 * mistyped an address the program's call stack is noise.
 */
export function configInvalid(subject: string, problems: readonly Problem[]): FlintError {
  const width = String(problems.length).length;
  const list = problems.map(({ path, found, allowed, remedy }, index) => {
    const number = `${String(index + 1).padStart(width)}. `;
    const indent = " ".repeat(number.length);
    const where = path === "" ? found : `${path}: ${found}`;
    return [`  ${number}${where}`, `  ${indent}allowed: ${allowed}`, `  ${indent}${remedy}`].join("\n");
  });
  const error = new FlintError("CONFIG_INVALID", {
    subject,
    found: problems.length === 1 ? "1 problem" : `${problems.length} problems`,
    remedy: `Nothing was touched.\n\n${list.join("\n\n")}\n\n  Every key is described in docs/configuration.md.`,
  });
  return Object.assign(error, { __pulumiRunError: true });
}
