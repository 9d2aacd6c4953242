import { noteWarned } from "../runtime/found-changes.js";
import type { Run } from "../runtime/lifecycle.js";
import { FOUND_OFF } from "./announce-update.js";
import { NodeContext } from "./context.js";
import { tellDrift } from "./found-drift.js";
import { filesDigest, MATERIAL_PATHS } from "./material.js";
import { observe } from "./observe.js";
import type { NodeOutputs } from "./outputs.js";
import { wasInstalled } from "./refused-changes.js";
import type { StoredNode } from "./schema.js";

/** Reads the live machine. Silence is no evidence of absence: the state is kept and the user told. */
export async function read(want: StoredNode, run: Run<NodeOutputs>): Promise<NodeOutputs> {
  const node = new NodeContext(want, run);
  const { seen, facts, record } = await observe(node, (digests) =>
    filesDigest(digests) === run.before?.files ? [] : [...MATERIAL_PATHS],
  );
  const before: NodeOutputs = {
    phase: "registered",
    toplevel: "",
    bootId: "",
    machineSerial: "",
    installedDisk: "",
    files: "",
    timeline: "",
    ...run.before,
  };
  if (seen.power === "off" && wasInstalled({ toplevel: before.toplevel })) {
    run.warn(`${want.name} is switched off: \`pulumi up\` switches it on.`);
    noteWarned(want.self, [FOUND_OFF]);
    return { ...before, power: "off" };
  }
  if (facts === undefined || seen.system.state !== "running") {
    run.warn(
      `${want.name}: ssh at ${want.addresses.provisioning} is ${seen.system.state}, power is ${seen.power}. The state is kept.`,
    );
    return before;
  }
  const drift = tellDrift({
    node: want.name,
    host: want.host.name,
    wiped: record?.mark === want.disk.mark && (record.phase === "wiping" || record.phase === "wiped"),
    unregistered: seen.bootScript === "none",
    runs: facts.toplevel,
    deployed: before.toplevel,
    hasFiles: seen.system.staleMaterial.length === 0,
  });
  for (const line of drift) run.warn(line);
  const { power: _, ...known } = before;
  return {
    ...known,
    phase: drift.length > 0 && before.phase === "ready" ? "installed" : before.phase,
    bootId: facts.bootId,
    machineSerial: facts.machineSerial,
  };
}
