import { chmod, mkdir, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { makePrivateDirectory } from "../../foundation/private-directory.js";
import type { MaterialFile } from "./material.js";

/** A tree of files for nixos-anywhere's `--extra-files`. */
export interface ExtraFiles {
  /** Its modes become those of the new root: 0755, with /etc/nixos/secrets at 0700. */
  root: string;
  /** Removes everything. */
  dispose(): Promise<void>;
}

/**
 * Secrets go as files beside the closure, never through the store. The tree lies in a private directory (0700), and its
 * modes are set one by one: the operator's umask must not reach the installed machine's `/etc`.
 */
export async function writeExtraFiles(files: readonly MaterialFile[]): Promise<ExtraFiles> {
  const dir = await makePrivateDirectory("material");
  const root = path.join(dir, "root");
  await directory(root);
  for (const file of files) {
    let at = root;
    for (const step of file.path.split("/").slice(1, -1)) {
      at = path.join(at, step);
      await directory(at);
    }
    const to = path.join(root, file.path);
    await writeFile(to, file.content, { mode: 0o600 });
    await chmod(to, file.mode);
  }
  await chmod(path.join(root, "etc/nixos/secrets"), 0o700);
  return { root, dispose: () => rm(dir, { recursive: true, force: true }) };
}

async function directory(at: string): Promise<void> {
  await mkdir(at, { recursive: true });
  await chmod(at, 0o755);
}
