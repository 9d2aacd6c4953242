import path from "node:path";
import { installWithNixosAnywhere } from "../../drivers/nix/anywhere.js";
import type { BuiltSystem } from "../../drivers/nix/driver.js";
import { STEP_TEXT } from "../../drivers/nix/parse-steps.js";
import { sshAnswers } from "../../drivers/ssh/probe.js";
import type { SshSession, SshTarget } from "../../drivers/ssh/target.js";
import { FlintError, isFlintError } from "../../foundation/errors.js";
import { inTurn } from "../runtime/fleet.js";
import { stillAlone } from "../runtime/lock/cluster-lock.js";
import { acceptMachine, foreignDisksOf } from "./accept-machine.js";
import type { NodeContext } from "./context.js";
import { type ChosenDisks, describeDisk } from "./disk/guard.js";
import { writeExtraFiles } from "./extra-files.js";
import { installFailure } from "./install-failure.js";
import { type Inventory, parseInventory } from "./inventory/parse-inventory.js";
import { inventoryScript } from "./inventory/script.js";
import { blamePower } from "./lost-power.js";
import { DATA_KEY, digestOf, joining, type MaterialFile, materialFiles } from "./material.js";
import { type NodeRecord, writeRecord } from "./record.js";

/** Where nix/disko/data.nix looks for the data disk's key while it formats. */
const INSTALLER_KEY = "/run/flint/data.key";

/** Looks at the machine in its installer, and decides whether its disk may be written. */
export async function acceptDisk(node: NodeContext, target: SshTarget, record: NodeRecord): Promise<Inventory> {
  await node.lockInstaller(target);
  const { stdout } = await node
    .lookAtInstaller(target)
    .script(inventoryScript(), [], { label: "inventory", deadlineMs: 60_000, signal: node.signal });
  const inventory = parseInventory(stdout);
  const { system, ...others } = accept(node, inventory, record);
  node.reached("disk-accepted", {
    machineSerial: inventory.serial ?? "",
    installedDisk: `${path.basename(system.path)} ${system.serial ?? ""}`.trim(),
  });
  node.say(`disk accepted: ${[system, ...Object.values(others)].map(describeDisk).join(", ")}`);
  return inventory;
}

/** The next preview tells which disks are wiped, and of which a person has to consent to that: what holds them is kept for it. */
function accept(node: NodeContext, seen: Inventory, { nonce }: NodeRecord): ChosenDisks {
  const keep = () => node.run.record({ foreignDisks: foreignDisksOf(node.want, seen) });
  try {
    const chosen = acceptMachine(node.want, seen, nonce);
    keep();
    return chosen;
  } catch (error) {
    if (isFlintError(error, "DISK_NOT_OURS")) keep();
    throw error;
  }
}

/** Writes the system to the accepted disk, and looks whether it is there. */
export async function installSystem(
  node: NodeContext,
  target: SshTarget,
  record: NodeRecord,
  system: BuiltSystem,
  /** The cluster lives: see `clusterLives`. */
  joins: boolean,
): Promise<NodeRecord> {
  const { want } = node;
  // The attempt may have begun for another mark: what is written to the disk now is this one.
  const installing: NodeRecord = {
    ...record,
    mark: want.disk.mark,
    phase: "installing",
    toplevel: system.toplevel,
  };
  await writeRecord(await node.host(), want.pxe.root, installing);
  const material = materialFiles(joins ? joining(want) : want);
  const session = node.lookAtInstaller(target);
  // A run that ended before it could note that it was done has left nothing to do.
  if (
    record.phase !== "installing" ||
    (await missingOnDisk(session, system.toplevel, material, node.signal)).length > 0
  )
    await runInstaller(node, target, system, material, session);
  const missing = await missingOnDisk(session, system.toplevel, material, node.signal).catch(async (error: unknown) => {
    // It has restarted by itself meanwhile: a system that shows the node's own host key was written to its end.
    const restarted =
      isFlintError(error, "SSH_HOST_KEY") &&
      (await sshAnswers(node.systemTarget(), { signal: node.signal })) === "ready";
    if (restarted) return [];
    throw await blamePower(node, error);
  });
  if (missing.length > 0) throw incomplete(want.name, missing);
  const installed: NodeRecord = { ...installing, phase: "installed" };
  await writeRecord(await node.host(), want.pxe.root, installed);
  node.reached("installed", { toplevel: system.toplevel });
  return installed;
}

async function runInstaller(
  node: NodeContext,
  target: SshTarget,
  system: BuiltSystem,
  material: readonly MaterialFile[],
  session: SshSession,
): Promise<void> {
  const { want } = node;
  const extraFiles = await writeExtraFiles(material);
  const progress = closureProgress(node, session, system.closureBytes);
  try {
    await inTurn(
      "installs",
      async () => {
        await stillAlone(want.cluster);
        await installWithNixosAnywhere({
          target,
          system,
          extraFiles: extraFiles.root,
          // The very file that the system keeps: the key includes the end of its line.
          diskKeys:
            want.material.dataKey === undefined ? {} : { [INSTALLER_KEY]: path.join(extraFiles.root, DATA_KEY) },
          deadlineMs: want.deadlines.install * 1000,
          signal: node.signal,
          onStep: (step) => {
            node.mark(`install: ${STEP_TEXT[step]}`);
            if (step === "format") node.run.record({ foreignDisks: undefined });
            if (step === "closure") progress.start();
            else {
              progress.stop();
              node.say(STEP_TEXT[step]);
            }
          },
        });
      },
      {
        atOnce: want.installsAtOnce,
        signal: node.signal,
        onWait: (ahead) => node.say(`waiting for ${ahead} other installations`),
      },
    );
  } catch (error) {
    throw await installFailure(node, target, error);
  } finally {
    progress.stop();
    await extraFiles.dispose();
  }
}

/** The figure comes first: the display of a terminal with 120 columns has 24 for the time and this. */
export function copiedLine(percent: number, closureBytes: number): string {
  return `system ${percent} % of ${Math.round(closureBytes / 1e6)} MB`;
}

/** Shows how much of the closure has arrived, from the space that is used below /mnt. */
function closureProgress(node: NodeContext, session: SshSession, closureBytes: number) {
  let timer: NodeJS.Timeout | undefined;
  let first: number | undefined;
  const look = async () => {
    const { stdout } = await session.exec(["df", "-k", "/mnt"], { deadlineMs: 10_000, signal: node.signal });
    const used = Number(stdout.trim().split("\n").at(-1)?.split(/\s+/)[2]) * 1024;
    if (!Number.isFinite(used)) return;
    first ??= used;
    const percent = Math.min(100, Math.floor((100 * (used - first)) / Math.max(1, closureBytes)));
    if (timer !== undefined) node.say(copiedLine(percent, closureBytes));
  };
  return {
    start() {
      node.say(STEP_TEXT.closure);
      timer ??= setInterval(() => void look().catch(() => {}), 2000);
    },
    stop() {
      clearInterval(timer);
      timer = undefined;
    },
  };
}

/** Prints the system that the new root's profile leads to, and the digests of the files that are named. */
export const LOOK_AT_ROOT = `cd /mnt/nix/var/nix/profiles && link=$(readlink system) && readlink "$link"
cd /mnt && sha256sum -- "$@" 2>/dev/null
sync
`;

/** nixos-anywhere's word is not enough: what is not on the new root as it was declared, of the system and the node's own files. */
async function missingOnDisk(
  session: SshSession,
  toplevel: string,
  material: readonly MaterialFile[],
  signal: AbortSignal,
): Promise<string[]> {
  const paths = material.map((file) => file.path.slice(1));
  const { stdout } = await session.script(LOOK_AT_ROOT, paths, {
    label: "look at the new disk",
    deadlineMs: 120_000,
    okCodes: [1, 2],
    signal,
  });
  const lines = new Set(stdout.split("\n").map((line) => line.trim()));
  return [
    ...(lines.has(toplevel) ? [] : [toplevel]),
    ...material
      .filter(({ path, content }) => !lines.has(`${digestOf(content)}  ${path.slice(1)}`))
      .map(({ path }) => path),
  ];
}

function incomplete(node: string, missing: readonly string[]): FlintError {
  return new FlintError("INSTALL_INCOMPLETE", {
    subject: node,
    expected: "the system and the node's own files on the new disk",
    found: `that these are missing: ${missing.join(", ")}`,
    remedy:
      "Run `pulumi up` again: it installs again, the disk carries this installation's mark. If it stays, see the machine's console.",
  });
}
