import { FlintError } from "./errors.js";

/** As `engines` of package.json says, which npm only warns of. */
const LEAST_NODE = 22;

/**
 * Refuses an older Node.js than the package needs: what the reader would be told is that some function is none. Pulumi prints the
 * message alone, without a stack. @throws FlintError TOOL_VERSION.
 */
export function requireSupportedNode(version: string = process.versions.node): void {
  if (Number.parseInt(version, 10) >= LEAST_NODE) return;
  const error = new FlintError("TOOL_VERSION", {
    subject: "node on PATH",
    expected: `Node.js ${LEAST_NODE} or newer`,
    found: version,
    remedy: "Put a newer one first on PATH. Nothing was touched.",
  });
  throw Object.assign(error, { __pulumiRunError: true });
}
