import { randomBytes } from "node:crypto";
import { makeKeyPair } from "../../drivers/ssh/key-pair.js";
import { placeOf } from "../../drivers/ssh/place.js";
import type { SshTarget } from "../../drivers/ssh/target.js";
import { FlintError, isFlintError } from "../../foundation/errors.js";
import { waitUntil } from "../../foundation/wait.js";
import { blameServers } from "./blame-servers.js";
import { startBootServers } from "./boot-servers.js";
import type { CardOwner } from "./card-owner.js";
import type { NodeContext } from "./context.js";
import { endOverride } from "./lasting-override.js";
import { type NodeRecord, writeRecord } from "./record.js";
import { registerForInstall, withdrawKeys } from "./registration.js";
import type { ImagePointer } from "./render/boot-script.js";
import { expectScriptServed } from "./served-script.js";
import { startFromNetwork } from "./start-from-network.js";
import { whoAnswers } from "./wire/answers.js";
import { BootProgress } from "./wire/boot-progress.js";
import type { Facts } from "./wire/causes.js";
import { askBmc, askOtherServers } from "./wire/closer-look.js";
import { followWire } from "./wire/follow.js";

type Image = ImagePointer & { arch?: "x86_64" | "aarch64" };

/**
 * Writes a new attempt: its nonce, its installer key, its boot script. Nothing is powered yet.
 * @param earlier The one before it.
 * @param owner Another node as which the machine is registered.
 */
export async function registerAttempt(
  node: NodeContext,
  image: ImagePointer,
  earlier: NodeRecord | undefined,
  owner: CardOwner | undefined,
): Promise<NodeRecord> {
  const { want } = node;
  const host = await node.host();
  const record: NodeRecord = {
    version: 1,
    node: want.name,
    mark: want.disk.mark,
    mac: want.mac,
    nonce: randomBytes(8).toString("hex"),
    // Only this machine's address may fetch it, only until the installer is up: the installer is trusted by this key.
    installerKey: makeKeyPair(`installer of ${want.name}`),
    initrd: image.initrd.path,
    phase: "booting",
    ...keptOf(earlier, want.disk.mark, owner),
  };
  await registerForInstall(host, want, record, image, earlier, owner);
  return record;
}

/** What a new attempt still has to know of the one before it. Pure. */
export function keptOf(
  earlier: NodeRecord | undefined,
  mark: string,
  owner?: Pick<CardOwner, "lasting">,
): Pick<NodeRecord, "lasting" | "written"> {
  const isWritten =
    earlier?.mark === mark && (earlier.written === true || !["booting", "wiped"].includes(earlier.phase));
  return {
    // Nobody has taken that back yet: the machine may come up in the installer before this run sets it anew.
    ...(earlier?.lasting === true || owner?.lasting === true ? { lasting: true } : {}),
    ...(isWritten ? { written: true } : {}),
  };
}

/**
 * Boots the machine into the installer and follows it on the wire.
 * @returns the record of what was begun.
 * @throws FlintError `BOOT_TIMEOUT` with what was last seen and what it means.
 */
export async function bootInstaller(node: NodeContext, record: NodeRecord, image: Image): Promise<NodeRecord> {
  const { want } = node;
  const target = node.installerTarget(record);
  if (target === undefined) throw new Error(`the record of ${want.name} has no installer key`);
  const progress = new BootProgress({
    node: want.name,
    mac: want.mac,
    address: want.addresses.provisioning,
    image,
    firmware: want.firmware,
    networkBoot: want.networkBoot,
    processor: image.arch,
    externalDhcp: want.pxe.externalDhcp,
  });
  const stop = followWire(
    () => node.host(),
    want.pxe,
    `${placeOf(want.host)} ${want.cluster}`,
    (event) => {
      if (progress.take(event)) node.say(progress.line());
    },
  );
  let begun = record;
  let told: Pick<Facts, "overrideTaken"> = {};
  try {
    await startBootServers(node);
    await expectScriptServed(node);
    node.say("setting the boot device");
    const kind = await startFromNetwork(node, {
      lasting: async () => {
        if (begun.lasting === true) return;
        const lasting = { ...record, lasting: true };
        await writeRecord(await node.host(), want.pxe.root, lasting);
        begun = lasting;
      },
      switching: () => progress.restart(),
    });
    if (kind !== "asked") told = { overrideTaken: true };
    node.reached("powered-on");
    const requests = node.takeRequests();
    const line = () =>
      progress.phase === "powered-on" && requests.length > 0 ? waitingFor(requests) : progress.line();
    let probes = 0;
    await waitUntil(
      async (signal) => {
        node.say(line());
        // Before the initrd is there, ssh cannot answer: look rarely, in case the logs are not to be had.
        if (progress.phase !== "loaded" && probes++ % 10 !== 9) return undefined;
        const answer = await whoAnswers(signal, { installer: target });
        if (answer !== undefined) progress.take({ kind: "answer", answer });
        return answer === "installer" || undefined;
      },
      {
        reason: `the installer of ${want.name} to answer ssh at ${want.addresses.provisioning}`,
        subject: want.name,
        code: "BOOT_TIMEOUT",
        deadlineMs: want.deadlines.boot * 1000,
        intervalMs: 500,
        signal: node.signal,
        remedy: "",
      },
    ).catch(async (error: unknown) => {
      if (!isFlintError(error, "BOOT_TIMEOUT")) throw error;
      throw await blameServers(node, await explained(node, progress, error, target, told));
    });
    for (const [phase, at] of progress.reached) node.mark(phase, at);
    node.reached("installer-up");
    begun = await endOverride(node, begun);
    await withdrawKeys(await node.host(), want);
    return begun;
  } finally {
    stop();
  }
}

/** Until the machine shows itself on the wire. */
function waitingFor(requests: readonly string[]): string {
  return `waiting for the machine to appear: ${requests.join(" ")}`;
}

/** What stopped the boot: from what was seen, and from what its BMC, its address and the network say now. */
async function explained(
  node: NodeContext,
  progress: BootProgress,
  error: FlintError,
  installer: SshTarget,
  told: Pick<Facts, "overrideTaken">,
): Promise<FlintError> {
  node.say("it did not come: asking its BMC and the network why");
  const silent = progress.diagnosis();
  const [answer, bmc, network] = await Promise.all([
    whoAnswers(node.signal, { installer, system: node.systemTarget() }),
    askBmc(node),
    askOtherServers(node, silent.cause),
  ]);
  if (answer !== undefined) progress.take({ kind: "answer", answer });
  const { found, remedy } = progress.diagnosis({ ...told, ...bmc, ...network });
  return new FlintError("BOOT_TIMEOUT", {
    subject: error.subject,
    expected: error.expected,
    found,
    remedy,
    cause: error,
  });
}
