import { noteWarned } from "../runtime/found-changes.js";
import type { Run } from "../runtime/lifecycle.js";
import { FOUND_OFF } from "./announce-update.js";
import { NodeContext } from "./context.js";
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
  // A removal that was cut off and taken back: the next update refuses it, and says what to do.
  const wiped = record?.mark === want.disk.mark && (record.phase === "wiping" || record.phase === "wiped");
  if (wiped)
    run.warn(
      `${want.name} answers from memory: a run that was ended has begun to wipe its disk. Raise its generation to install it anew, or take it out.`,
    );
  // As after a removal that was ended when it had taken that, or on a host that was set up anew.
  const unregistered = seen.bootScript === "none";
  if (unregistered)
    run.warn(`${want.name} is not registered on ${want.host.name} any more: \`pulumi up\` registers it.`);
  const drifted = wiped || unregistered || facts.toplevel !== before.toplevel || seen.system.staleMaterial.length > 0;
  if (drifted && !wiped && !unregistered)
    run.warn(`${want.name} runs ${facts.toplevel}, not what was deployed: \`pulumi up\` mends it.`);
  const { power: _, ...known } = before;
  return {
    ...known,
    phase: drifted && before.phase === "ready" ? "installed" : before.phase,
    bootId: facts.bootId,
    machineSerial: facts.machineSerial,
  };
}
