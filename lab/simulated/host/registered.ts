import { z } from "zod";
import { bootScriptKind } from "../../../providers/bare-metal-node/render/boot-script.js";
import type { Files } from "../files.js";
import type { ShellCall } from "../ssh/shell.js";

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

/** As the script of providers/bare-metal-node/other-cluster.ts prints them. */
export function othersScripts({ files }: { files: Files }, { argv: [own = "", ...paths] }: ShellCall) {
  const parent = own.slice(0, own.lastIndexOf("/") + 1);
  const clusters = new Set(files.below(parent.slice(0, -1)).map((path) => path.slice(parent.length).split("/")[0]));
  const lines = [...clusters]
    .map((cluster) => `${parent}${cluster}`)
    .filter((root) => root !== own)
    .flatMap((root) => paths.map((path) => ({ root, path, text: files.text(`${root}/${path}`) })))
    .flatMap(({ root, path, text }) => (text === undefined ? [] : [`${root} ${path} ${text.split("\n")[1] ?? ""}\n`]));
  return { stdout: lines.join("") };
}

function safely(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}
