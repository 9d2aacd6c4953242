import { FlintError } from "../foundation/errors.js";

/** Machines that the user knows to be gone, by name: `FLINT_GONE=node04,node05 pulumi up`. */
export const GONE = "FLINT_GONE";

export function namesGone(declared = process.env[GONE]): string[] {
  return (declared ?? "").split(/[\s,]+/).filter((name) => name !== "");
}

export function declaredGone(name: string, declared = process.env[GONE]): boolean {
  return namesGone(declared).includes(name);
}

/** Of a machine that is said to be gone, and is not. */
export function notGone(name: string, found: string): FlintError {
  return new FlintError("NODE_NOT_GONE", {
    subject: `${name}, named in ${GONE}`,
    expected: "no answer, for it is said to be gone",
    found,
    remedy: `Run \`pulumi up\` without ${GONE}: it is let go as any other.`,
  });
}
