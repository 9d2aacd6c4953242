import type { BuiltSystem } from "../../drivers/nix/driver.js";
import { requirePrograms } from "../../drivers/nix/programs.js";
import { FlintError } from "../../foundation/errors.js";
import { noLongerAway } from "../membership/away.js";
import { inPhase, type Phase } from "../phases.js";
import type { Run } from "../runtime/lifecycle.js";
import { stillAlone } from "../runtime/lock/cluster-lock.js";
import { holdsEarlier } from "./accept-machine.js";
import { bootDigest } from "./announce-update.js";
import { bootInstaller, registerAttempt } from "./boot-installer.js";
import { buildSystem } from "./build.js";
import type { CardOwner } from "./card-owner.js";
import { NodeContext } from "./context.js";
import { earlierMarks } from "./disk/mark.js";
import { readImage } from "./image-pointer.js";
import { acceptDisk, installSystem } from "./install.js";
import { endOverride } from "./lasting-override.js";
import { leaveFirst } from "./leave-first.js";
import { lookForLife } from "./life-signs.js";
import { clusterLives } from "./living-cluster.js";
import { refuseOtherMachine } from "./machine-identity.js";
import { filesDigest, MATERIAL_PATHS, wantedDigests } from "./material.js";
import { type Observation, observe } from "./observe.js";
import { refuseOtherCluster, refuseOtherName } from "./other-name.js";
import type { NodeOutputs } from "./outputs.js";
import { awaitOwnServices } from "./own-services.js";
import { type NodeStep, planNode } from "./plan.js";
import { isFinished, type NodeRecord, writeRecord } from "./record.js";
import { wasInstalled } from "./refused-changes.js";
import { diskScript, registerForDisk } from "./registration.js";
import { awaitSystem, leaveInstaller, powerOn, rebootIfNeeded, writeMaterial } from "./running-system.js";
import type { NodeInputs } from "./schema.js";
import { rolledBackAtStart } from "./switch.js";
import { endSwitch, switchSystem } from "./switch-system.js";
import type { SystemFacts } from "./system-facts.js";

export { read } from "./refresh.js";
export { remove } from "./remove.js";
export { unbegun } from "./unbegun.js";

/** What the steps of one operation hand on to each other. */
interface Progress {
  record: NodeRecord | undefined;
  facts: SystemFacts | undefined;
  /** As whom the machine is registered, where that is another node. */
  owner: CardOwner | undefined;
  /** Begun as early as possible, while the machine boots. */
  build: () => Promise<BuiltSystem>;
  joins?: Promise<boolean>;
  /** An earlier installation of the machine is on its disks. */
  holdsEarlier?: boolean;
}

/** What a user calls a step. */
const PHASE_OF: Record<NodeStep["do"], Phase> = {
  "register-install": "registration",
  "boot-installer": "start of the installer",
  "accept-disk": "look at its disks",
  install: "installation",
  "register-disk": "registration",
  "leave-installer": "restart out of the installer",
  "end-override": "start from disk",
  "power-on": "power on",
  "await-system": "start from disk",
  "write-material": "new secrets",
  switch: "switch to another system",
  reboot: "restart",
};

/** Brings one machine from wherever it is to installed and verified. Safe to repeat from any line. */
export async function converge(want: NodeInputs, run: Run<NodeOutputs>): Promise<NodeOutputs> {
  const node = new NodeContext(want, run);
  try {
    const outputs = await bring(node);
    await node.unlock();
    return outputs;
  } catch (error) {
    // Nobody is to wait for a voter that does not come back in this run.
    for (const service of ["chainfire", "flaredb"]) noLongerAway(want.cluster, service, want.name);
    void node.unlock(); // the machine may be gone: its lock expires by itself
    throw inPhase(want.name, node.phase, error);
  }
}

async function bring(node: NodeContext): Promise<NodeOutputs> {
  const { want, run } = node;
  let building: Promise<BuiltSystem> | undefined;
  const build = () => {
    building ??= buildSystem(node).then(
      (system) => {
        node.mark("built");
        return system;
      },
      (error: unknown) => {
        throw inPhase(want.name, "build of its system", error);
      },
    );
    building.catch(() => {});
    return building;
  };
  void build();
  node.say("looking at the machine");
  const stale = (digests: Readonly<Record<string, string | undefined>>) => {
    const wanted = wantedDigests(want, digests);
    return MATERIAL_PATHS.filter((path) => digests[path] !== wanted[path]);
  };
  const look = async () => {
    const looked = await observe(node, stale, diskScript(want));
    if (!looked.facts?.switching || !isOurs(want, looked.facts)) return looked;
    await endSwitch(node);
    return observe(node, stale, diskScript(want));
  };
  let looked = await look();
  if (looked.facts !== undefined) refuseOtherMachine(want, looked.facts);
  else if (!isFinished(looked.record)) {
    refuseOtherName(want, looked.owner);
    await refuseOtherCluster(await node.host(), want);
  }
  const plan = async ({ seen }: Observation) =>
    planNode(
      {
        cluster: want.cluster,
        node: want.name,
        mark: want.disk.mark,
        address: want.addresses.provisioning,
        earlier: earlierMarks(want.cluster, want.name, want.disk.generation ?? 1),
        installedBefore: run.operation === "update" && wasInstalled(run.before ?? {}),
        unknown: run.operation === "create",
        toplevel: seen.system.state === "running" ? (await build()).toplevel : undefined,
      },
      seen,
    );
  let steps = await plan(looked);
  if (steps.some((step) => step.do === "boot-installer")) {
    looked = await lookForLife(node, looked, look);
    steps = await plan(looked);
  }
  if (steps.some((step) => step.do === "install")) requirePrograms();
  const { record, facts, owner } = looked;
  const progress: Progress = { record, facts, owner, build };
  // From here on the machine is touched, and a failure keeps the resource. One that failed before has nothing to delete,
  // and must not ask a BMC that cannot be reached for it.
  node.reached("registered");
  for (const step of steps) {
    run.signal.throwIfAborted();
    node.phase = PHASE_OF[step.do];
    await stillAlone(want.cluster);
    await perform(step, node, progress);
  }
  node.phase = "last look";
  return finish(node, progress);
}

function isOurs(want: NodeInputs, facts: SystemFacts): boolean {
  return facts.cluster === want.cluster && facts.node === want.name && facts.mark === want.disk.mark;
}

async function perform(step: NodeStep, node: NodeContext, progress: Progress): Promise<void> {
  const { want } = node;
  switch (step.do) {
    case "register-install":
      progress.record = await registerAttempt(node, await readImage(node), progress.record, progress.owner);
      return;
    case "boot-installer":
      progress.record = await bootInstaller(node, recordOf(progress), await readImage(node));
      return;
    case "accept-disk":
      // Asked while the machine tells what it is.
      progress.joins = clusterLives(node);
      progress.joins.catch(() => {});
      progress.holdsEarlier = holdsEarlier(
        want,
        await acceptDisk(node, installerOf(node, progress), recordOf(progress)),
      );
      return;
    case "install": {
      const system = await progress.build();
      const left = progress.holdsEarlier === true && (await leaveFirst(node));
      const joins = (await progress.joins) === true || left;
      if (joins) node.say("the cluster lives: it will join");
      progress.record = await installSystem(node, installerOf(node, progress), recordOf(progress), system, joins);
      return;
    }
    case "register-disk":
      return registerForDisk(await node.host(), want);
    case "leave-installer":
      // A run that was killed before it could do that has left it to this one.
      progress.record = await endOverride(node, recordOf(progress));
      return leaveInstaller(node, installerOf(node, progress));
    case "end-override":
      progress.record = await endOverride(node, recordOf(progress));
      if (progress.record.lasting !== true) await writeRecord(await node.host(), want.pxe.root, progress.record);
      return;
    case "power-on":
      return powerOn(node);
    case "await-system":
      progress.facts = await awaitSystem(node);
      // One that was off or silent says only now what it is.
      refuseOtherMachine(want, progress.facts);
      return;
    case "write-material":
      return writeMaterial(node, step.paths, progress.facts?.unread === true);
    case "switch":
      await switchSystem(node, await progress.build(), progress.facts);
      progress.facts = await awaitSystem(node, { doing: "looking at the new system" });
      return;
    case "reboot":
      if (progress.facts !== undefined) progress.facts = await rebootIfNeeded(node, progress.facts);
      return;
    default:
      return step satisfies never;
  }
}

/** The last look: what runs must be what was declared. */
async function finish(node: NodeContext, progress: Progress): Promise<NodeOutputs> {
  const { want, run } = node;
  const system = await progress.build();
  let facts = progress.facts ?? (await awaitSystem(node));
  if (facts.toplevel !== system.toplevel && facts.rolledBack?.system === system.toplevel) {
    // Its start was the trial that it did not pass: another try would end the same way, with another restart.
    throw rolledBackAtStart(want.name, system.toplevel, facts.toplevel, facts.rolledBack.reason);
  }
  if (facts.toplevel !== system.toplevel && facts.mark === want.disk.mark) {
    // A machine that was installed by an interrupted run, before the declaration changed.
    node.phase = "switch to another system";
    await switchSystem(node, system, facts);
    facts = await rebootIfNeeded(node, await awaitSystem(node, { doing: "looking at the new system" }));
  }
  if (facts.toplevel !== system.toplevel || facts.mark !== want.disk.mark) {
    throw new FlintError("SYSTEM_MISMATCH", {
      subject: want.name,
      expected: `the system ${system.toplevel}`,
      found: facts.toplevel === "" ? "no /run/current-system" : facts.toplevel,
      remedy: "See `journalctl -b` on the machine, then run `pulumi up` again.",
    });
  }
  if (progress.record !== undefined && progress.record.phase !== "ready") {
    const { installerKey: _, ...record } = progress.record;
    await writeRecord(await node.host(), want.pxe.root, { ...record, phase: "ready", toplevel: system.toplevel });
  }
  node.phase = "start of its services";
  await awaitOwnServices(node);
  node.mark("ready");
  return {
    phase: "ready",
    toplevel: facts.toplevel,
    bootId: facts.bootId,
    machineSerial: facts.machineSerial,
    installedDisk: run.before?.installedDisk ?? want.disk.serial ?? want.disk.wwn ?? "",
    files: filesDigest(wantedDigests(want, facts.digests)),
    boot: bootDigest(want.data),
    timeline: node.times(),
  };
}

function recordOf(progress: Progress): NodeRecord {
  if (progress.record === undefined) throw new Error("the plan needs a record that was not written");
  return progress.record;
}

function installerOf(node: NodeContext, progress: Progress) {
  const target = node.installerTarget(recordOf(progress));
  if (target === undefined) throw new Error("the record has no installer key");
  return target;
}
