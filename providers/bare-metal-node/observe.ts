import { sshAnswers } from "../../drivers/ssh/probe.js";
import { withBmc } from "./bmc.js";
import { readImage } from "./boot-installer.js";
import type { NodeContext } from "./context.js";
import { digestOf, materialFiles } from "./material.js";
import type { Seen } from "./plan.js";
import { type NodeRecord, readRecord } from "./record.js";
import { readRegistration } from "./registration.js";
import { bootScriptKind } from "./render/boot-script.js";
import { readSystemFacts, type SystemFacts } from "./system-facts.js";

/** Everything that was seen, for the plan and for the steps. */
export interface Observation {
  seen: Seen;
  record: NodeRecord | undefined;
  facts: SystemFacts | undefined;
}

/** Looks at the machine, its BMC and its registration. Reads only. */
export async function observe(node: NodeContext): Promise<Observation> {
  const { want } = node;
  const host = await node.host();
  const [record, registration, system] = await Promise.all([
    readRecord(host, want.pxe.root, want.name),
    readRegistration(host, want),
    observeSystem(node),
  ]);
  const running = system.facts !== undefined;
  // A running system says more than its BMC could: no call is made.
  const power = running ? "on" : await withBmc(node, (bmc) => bmc.power());
  const installer =
    !running && record !== undefined && power === "on" ? await observeInstaller(node, record) : "silent";
  return {
    seen: {
      system: system.state,
      installer,
      record: record === undefined ? undefined : { phase: record.phase, mark: record.mark },
      power,
      bootScript: bootScriptKind(registration.bootScript),
    },
    record,
    facts: system.facts,
  };
}

async function observeSystem(node: NodeContext): Promise<{ state: Seen["system"]; facts?: SystemFacts }> {
  const answer = await sshAnswers(node.systemTarget(), { signal: node.signal });
  switch (answer) {
    case "timeout":
      return { state: { state: "silent" } };
    case "refused":
      return { state: { state: "refused" } };
    case "wrong-host-key":
      return { state: { state: "stranger" } };
    case "auth-failed":
      return { state: { state: "login-refused" } };
    case "ready": {
      const files = materialFiles(node.want);
      const facts = await readSystemFacts(
        await node.system(),
        files.map((file) => file.path),
        node.signal,
      );
      const stale = files
        .filter((file) => facts.digests[file.path] !== digestOf(file.content))
        .map((file) => file.path);
      return {
        facts,
        state: {
          state: "running",
          cluster: facts.cluster,
          node: facts.node,
          mark: facts.mark,
          toplevel: facts.toplevel,
          rebootNeeded: facts.rebootNeeded,
          staleMaterial: stale,
        },
      };
    }
  }
}

async function observeInstaller(node: NodeContext, record: NodeRecord): Promise<Seen["installer"]> {
  const target = node.installerTarget(record);
  if (target === undefined) return "silent";
  const answer = await sshAnswers(target, { signal: node.signal });
  if (answer !== "ready") return "silent";
  const image = await readImage(node);
  return record.initrd === image.initrd.path ? "running" : "outdated";
}
