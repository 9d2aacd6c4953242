import { readFileSync } from "node:fs";
import path from "node:path";

/** From this file's place in the package: dist/providers/bare-metal-node/inventory. */
const FILE = path.resolve(__dirname, "../../../../nix/scripts/inventory.sh");
let text: string | undefined;

/**
 * A shell script that prints what a machine is, in sections; read by `parseInventory`. Reads only. It is sent to the machine,
 * so that it does not depend on the installer's image; the images bring the same file for `flint-identity`.
 */
export function inventoryScript(): string {
  text ??= readFileSync(FILE, "utf8");
  return text;
}
