import { FlintError } from "../foundation/errors.js";

/** Machines that the user knows to be gone, by name: `FLINT_GONE=node04,node05 pulumi up`. */
export const GONE = "FLINT_GONE";

export function declaredGone(name: string, declared = process.env[GONE]): boolean {
  return (declared ?? "").split(/[\s,]+/).includes(name);
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
