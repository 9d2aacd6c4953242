import { existsSync, readdirSync } from "node:fs";
import { join, resolve } from "node:path";

const providers = resolve(__dirname, "../../../providers");

/** The folders of providers/ that hold a resource: each has a lifecycle, too. */
export const RESOURCE_FOLDERS: readonly string[] = readdirSync(providers).filter((folder) =>
  existsSync(join(providers, folder, "resource.ts")),
);
