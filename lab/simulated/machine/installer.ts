import { createHash } from "node:crypto";
import { LOOK_AT_ROOT } from "../../../providers/bare-metal-node/install.js";
import { inventoryScript } from "../../../providers/bare-metal-node/inventory/script.js";
import { REBOOT } from "../../../providers/bare-metal-node/running-system.js";
import { WIPE_SCRIPT } from "../../../providers/bare-metal-node/wipe.js";
import { AWAIT_DISK_SCRIPT } from "../../../providers/bare-metal-node/wipe-place.js";
import { LOCK } from "../../../providers/runtime/lock/script.js";
import { Files } from "../files.js";
import { fileCommands } from "../ssh/file-commands.js";
import { lock } from "../ssh/lock.js";
import type { Commands } from "../ssh/shell.js";
import { inventoryOf, renderInventory } from "./inventory.js";
import { type Machine, newBootId, type Running } from "./machine.js";
import { openSsh } from "./sshd.js";
import { wipeDisk } from "./wipe.js";

interface Installer {
  machine: Machine;
  running: Running;
  /** Its root is in memory. */
  files: Files;
}

/** The disk that is mounted at /mnt: the one that was laid out in this installer. */
const mounted = ({ machine, running }: Installer) => machine.disks.find((disk) => disk === running.laidOut?.disk);

const commands: Commands<Installer> = {
  scripts: [
    ...fileCommands<Installer>(
      ({ files }) => files,
      () => {},
    ),
    [inventoryScript(), ({ machine, running }) => ({ stdout: renderInventory(inventoryOf(machine, running)) })],
    [
      LOOK_AT_ROOT,
      (installer, { argv }) => {
        const disk = mounted(installer);
        const digests = argv.flatMap((path) => {
          const content = disk?.files.read(`/${path}`);
          return content === undefined ? [] : [`${createHash("sha256").update(content).digest("hex")}  ${path}`];
        });
        return { stdout: [disk?.system ?? "", ...digests, ""].join("\n") };
      },
    ],
    [
      AWAIT_DISK_SCRIPT,
      async ({ running }) => {
        await running.laidOut?.done.catch(() => {}); // its caller is told
        return undefined;
      },
    ],
    [WIPE_SCRIPT, ({ machine }, call) => wipeDisk(machine, call)],
    [LOCK, ({ files, machine }, call) => lock(files, call, (event, details) => machine.tell(event, details))],
    [REBOOT, ({ machine }) => void machine.restart().catch(() => {})],
  ],
  programs: {
    df: (installer) => ({
      stdout: `Filesystem 1K-blocks Used Available Use% Mounted on\n/dev/vda2 1000000 ${Math.round((mounted(installer)?.used ?? 0) / 1024)} 1 1% /mnt\n`,
    }),
  },
};

/** The installer has started with the keys that its boot brought. */
export async function startInstaller(
  machine: Machine,
  address: string,
  commandLine: string,
  keys: ReadonlyMap<string, string>,
): Promise<Running> {
  const files = new Files();
  const running: Running = { kind: "installer", address, bootId: newBootId(), commandLine, files, stop: () => {} };
  const installer: Installer = { machine, running, files };
  for (const [path, content] of keys) files.write(`/run/${path}`, content, 0o600);
  const sshd = await openSsh(machine, commands, installer, {
    address,
    hostKey: keys.get("flint/ssh_host_ed25519_key") ?? "",
    authorizedKeys: () => (keys.get("flint/authorized_keys") ?? "").trim().split("\n"),
  });
  running.stop = () => sshd.stop();
  machine.tell("installer-up", { nonce: /flint\.nonce=(\S+)/.exec(commandLine)?.[1] });
  machine.reaches("installer-up");
  return running;
}
