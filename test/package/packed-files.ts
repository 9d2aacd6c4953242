import { execFileSync } from "node:child_process";
import path from "node:path";
import { z } from "zod";

/** The checkout that this file was built from. */
export const ROOT = path.resolve(__dirname, "../../..");
const packed = z.array(
  z.object({ files: z.array(z.object({ path: z.string(), mode: z.number() })), unpackedSize: z.number() }),
);
export type Packed = z.infer<typeof packed>[number];

/** What `npm pack` would put into the package. */
export function packedFiles(): Packed {
  const json = execFileSync("npm", ["pack", "--dry-run", "--json", "--ignore-scripts"], {
    cwd: ROOT,
    encoding: "utf8",
  });
  const [result] = packed.parse(JSON.parse(json.slice(json.indexOf("["))));
  if (result === undefined) throw new Error("npm packs nothing");
  return result;
}
