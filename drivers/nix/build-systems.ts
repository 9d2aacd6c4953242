import { rm, writeFile } from "node:fs/promises";
import path from "node:path";
import type { FlintError } from "../../foundation/errors.js";
import { makePrivateDirectory } from "../../foundation/private-directory.js";
import type { BuiltSystem, SystemSource } from "./driver.js";
import { type BuildOptions, buildAttributes, evaluationError } from "./flake.js";
import { runProcess } from "./process.js";

/** One node's system: its entry of cluster.json decides what is built. */
export interface SystemRequest {
  source: SystemSource;
  cluster: { name: string; domain: string };
  node: string;
  /** The node's entry of cluster.json: plain JSON, without secrets. */
  data: Record<string, unknown>;
}

/**
 * Builds the systems of many nodes in one `nix build`.
 * @returns for each request its paths, or the FlintError of that node alone.
 */
export async function buildSystems(
  requests: SystemRequest[],
  options: BuildOptions,
): Promise<(BuiltSystem | FlintError)[]> {
  const answers = new Map<SystemRequest, BuiltSystem | FlintError>();
  for (const group of groupBySource(requests)) {
    const first = group[0];
    if (first === undefined) continue;
    const work = await makePrivateDirectory("cluster");
    try {
      const file = path.join(work, "cluster.json");
      const nodes = Object.fromEntries(group.map((request) => [request.node, request.data]));
      await writeFile(file, JSON.stringify({ version: 1, cluster: first.cluster, nodes }));
      const source = { ...first.source, inputs: { ...first.source.inputs, cluster: file } };
      const attributes = group.flatMap(({ node }) => [
        `nixosConfigurations.${node}.config.system.build.toplevel`,
        `nixosConfigurations.${node}.config.system.build.diskoScript`,
      ]);
      const { paths, log } = await buildAttributes(source, attributes, options);
      const toplevels = paths.filter((built, i): built is string => i % 2 === 0 && built !== undefined);
      const sizes = await closureSizes(toplevels, options);
      group.forEach((request, i) => {
        const [toplevel, diskoScript] = [paths[2 * i], paths[2 * i + 1]];
        answers.set(
          request,
          toplevel === undefined || diskoScript === undefined
            ? evaluationError(first.source, [`error: the system of ${request.node} was not built`, ...log])
            : { toplevel, diskoScript, closureBytes: sizes.get(toplevel) ?? 0 },
        );
      });
    } finally {
      await rm(work, { recursive: true, force: true });
    }
  }
  return requests.map((request) => {
    const answer = answers.get(request);
    if (answer === undefined) throw new Error(`no build answer for ${request.node}`);
    return answer;
  });
}

function groupBySource(requests: SystemRequest[]): SystemRequest[][] {
  const groups = new Map<string, SystemRequest[]>();
  for (const request of requests) {
    const key = JSON.stringify([request.source, request.cluster]);
    groups.set(key, [...(groups.get(key) ?? []), request]);
  }
  return [...groups.values()];
}

/** NAR bytes of each path's closure. */
async function closureSizes(paths: string[], options: BuildOptions): Promise<Map<string, number>> {
  if (paths.length === 0) return new Map();
  const result = await runProcess(
    "nix",
    ["path-info", "--extra-experimental-features", "nix-command flakes", "-S", ...paths],
    { deadlineMs: options.deadlineMs, signal: options.signal },
  );
  const sizes = new Map<string, number>();
  for (const line of result.stdout.split("\n")) {
    const [name, size] = line.trim().split(/\s+/);
    if (name && size && /^\d+$/.test(size)) sizes.set(name, Number(size));
  }
  return sizes;
}
