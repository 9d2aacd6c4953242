import { sshAnswers } from "../../drivers/ssh/probe.js";
import { isFlintError } from "../../foundation/errors.js";
import { waitUntil } from "../../foundation/wait.js";
import { withBmc } from "./bmc.js";
import { type CardOwner, ownerByScript } from "./card-owner.js";
import type { NodeContext } from "./context.js";
import { readImage } from "./image-pointer.js";
import { MATERIAL_PATHS } from "./material.js";
import type { Seen } from "./plan.js";
import type { NodeRecord } from "./record.js";
import { readRegistration } from "./registration.js";
import { bootScriptKind } from "./render/boot-script.js";
import { addressInDhcpHost } from "./render/dhcp-host.js";
import type { StoredNode } from "./schema.js";
import { readSystemFacts, type SystemFacts } from "./system-facts.js";

/** A machine that answered is asked again for so long, when its answer does not come. */
const BUSY_MS = 120_000;
const SLOW = ["SSH_UNREACHABLE", "SSH_DEADLINE", "SSH_CONNECTION_LOST"];

/** Everything that was seen, for the plan and for the steps. */
export interface Observation {
  seen: Seen;
  record: NodeRecord | undefined;
  facts: SystemFacts | undefined;
  /** As whom the machine is registered, where that is another node. */
  owner: CardOwner | undefined;
}

/** Which files are not as they were put there, by the digest of each. */
export type StaleFiles = (digests: Readonly<Record<string, string | undefined>>) => string[];

/**
 * Looks at the machine, its BMC and its registration. Reads only.
 * @param diskScript The declared boot script of a finished machine. Default: any counts.
 */
export async function observe(
  node: NodeContext<StoredNode>,
  stale: StaleFiles,
  diskScript?: string,
): Promise<Observation> {
  const { want } = node;
  const host = await node.host();
  const [{ record, dhcpHost, bootScript }, system] = await Promise.all([
    readRegistration(host, want),
    observeSystem(node, stale),
  ]);
  const running = system.facts !== undefined;
  // A running system says more than its BMC could: no call is made.
  const power = running ? "on" : await withBmc(node, (bmc) => bmc.power());
  const installer =
    !running && record !== undefined && power !== "off" ? await observeInstaller(node, record) : "silent";
  const owner = await ownerByScript(host, want, bootScript);
  const kind = bootScriptKind(bootScript);
  const otherWay = kind === "disk" && diskScript !== undefined && bootScript !== diskScript;
  return {
    seen: {
      system: system.state,
      installer,
      record: record === undefined ? undefined : shown(record),
      power,
      bootScript: otherWay ? "other-disk" : kind,
      begunAs: owner?.finished === false ? owner.name : undefined,
      registeredAddress: addressInDhcpHost(dhcpHost ?? ""),
      serves: [], // asked where it would be booted: see life-signs.ts
    },
    record,
    facts: system.facts,
    owner,
  };
}

/** Nothing of its keys. */
function shown({ phase, mark, lasting }: NodeRecord): Seen["record"] {
  return { phase, mark, ...(lasting === true ? { lasting } : {}) };
}

async function observeSystem(
  node: NodeContext<StoredNode>,
  stale: StaleFiles,
): Promise<{ state: Seen["system"]; facts?: SystemFacts }> {
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
      const facts = await readFacts(node);
      return {
        facts,
        state: {
          state: "running",
          cluster: facts.cluster,
          node: facts.node,
          mark: facts.mark,
          toplevel: facts.toplevel,
          rebootNeeded: facts.rebootNeeded,
          staleMaterial: stale(facts.digests),
          unread: facts.unread,
        },
      };
    }
  }
}

/** It let us in a moment ago. Where it is busy with a switch, the next login may take longer than a login is waited for. */
async function readFacts(node: NodeContext<StoredNode>): Promise<SystemFacts> {
  const read = async (signal: AbortSignal) => readSystemFacts(await node.system(signal), MATERIAL_PATHS, signal);
  let last: unknown;
  const busy = (error: unknown) => {
    if (!SLOW.some((code) => isFlintError(error, code))) throw error;
    node.say("it is slow to answer: looking again");
    last = error;
    return undefined;
  };
  return waitUntil((signal) => read(signal).catch(busy), {
    reason: `${node.want.name} to tell what runs`,
    deadlineMs: BUSY_MS,
    intervalMs: 1000,
    maxIntervalMs: 5000,
    signal: node.signal,
    remedy: "",
  }).catch((error: unknown) => {
    throw isFlintError(error, "WAIT_TIMEOUT") ? (last ?? error) : error;
  });
}

async function observeInstaller(node: NodeContext<StoredNode>, record: NodeRecord): Promise<Seen["installer"]> {
  const target = node.installerTarget(record);
  if (target === undefined) return "silent";
  const answer = await sshAnswers(target, { signal: node.signal });
  if (answer !== "ready") return "silent";
  const image = await readImage(node);
  return record.initrd === image.initrd.path ? "running" : "outdated";
}
