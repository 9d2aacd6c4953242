import { z } from "zod";
import { bootScriptKind } from "../../../providers/bare-metal-node/render/boot-script.js";
import type { Files } from "../files.js";

const recordSchema = z.looseObject({ phase: z.string() });

/** What matters of a file by which a machine is known to its provisioning host: its record's phase, its boot script's kind. */
export function noteOf(path: string, content = ""): string | undefined {
  if (path.endsWith("/record.json")) return recordSchema.safeParse(safely(content)).data?.phase ?? "unreadable";
  return /\/http\/nodes\/[^/]+\.ipxe$/.test(path) ? bootScriptKind(content) : undefined;
}

/** All files of a cluster on its provisioning host, by path below the cluster's directory, each with its note. */
export function registeredFiles(files: Files, root: string): Record<string, string> {
  return Object.fromEntries(
    files.below(root).map((path) => [path.slice(root.length + 1), noteOf(path, files.text(path)) ?? ""]),
  );
}

function safely(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}
