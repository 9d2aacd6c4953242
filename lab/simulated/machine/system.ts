import { createHash } from "node:crypto";
import { inventoryScript } from "../../../providers/bare-metal-node/inventory/script.js";
import { RESTART_READERS } from "../../../providers/bare-metal-node/running-system.js";
import { BEGIN, LIST_UNIT } from "../../../providers/bare-metal-node/switch.js";
import { FACTS_SCRIPT, UNREAD } from "../../../providers/bare-metal-node/system-facts.js";
import { WIPE_SCRIPT } from "../../../providers/bare-metal-node/wipe.js";
import { LOCK } from "../../../providers/runtime/lock/script.js";
import { Files } from "../files.js";
import { fileCommands } from "../ssh/file-commands.js";
import { lock } from "../ssh/lock.js";
import type { Commands } from "../ssh/shell.js";
import type { SystemClosure } from "../store.js";
import type { Disk } from "./disk.js";
import { inventoryOf, renderInventory } from "./inventory.js";
import { type Machine, newBootId, type Running } from "./machine.js";
import type { MachineServices } from "./services.js";
import { openSsh } from "./sshd.js";
import { ROLLED_BACK, Switch } from "./switch.js";
import { wipeDisk } from "./wipe.js";

/** An installed system that runs. */
export interface InstalledSystem {
  machine: Machine;
  disk: Disk;
  running: Running;
  services: MachineServices;
  /** What `/run/current-system` leads to. */
  current: SystemClosure;
  switching: Switch | undefined;
  /** What is below /run: gone with a restart. */
  volatile: Files;
}

const JOINED = /^\/var\/lib\/flint\/\.(\w+)-joined$/;

const commands: Commands<InstalledSystem> = {
  scripts: [
    ...fileCommands<InstalledSystem>(
      ({ disk }) => disk.files,
      ({ machine }, path) => changed(machine, `wrote ${path}`),
    ),
    [FACTS_SCRIPT, (system, { argv }) => ({ stdout: renderFacts(system, argv) })],
    [inventoryScript(), ({ machine, running }) => ({ stdout: renderInventory(inventoryOf(machine, running)) })],
    [WIPE_SCRIPT, ({ machine }, call) => wipeDisk(machine, call)],
    [
      BEGIN,
      (system, { argv }) => {
        if (system.switching?.runs) return { code: 75 };
        changed(system.machine, "switch");
        system.machine.reaches("switch");
        if (system.machine.running !== system.running) throw new Error("the machine is gone");
        system.switching = new Switch(system, argv);
        return {};
      },
    ],
    [
      RESTART_READERS,
      async ({ machine, services, disk }, { argv }) => {
        changed(machine, "systemctl try-restart");
        await services.restart(argv.map((name) => name.replace(/\.service$/, "")));
        disk.files.remove(UNREAD);
        return {};
      },
    ],
    [LOCK, ({ volatile, machine }, call) => lock(volatile, call, (event, details) => machine.tell(event, details))],
    [LIST_UNIT, ({ switching }) => ({ stdout: switching?.runs ? "flint-switch.service loaded active running\n" : "" })],
  ],
  programs: {
    test: ({ services }, { argv: [, , path = ""] }) => ({
      code: services.joined(JOINED.exec(path)?.[1] ?? "") ? 0 : 1,
    }),
    date: () => ({ stdout: `${Math.floor(Date.now() / 1000)}\n` }),
    systemctl(system, { argv: [, verb] }) {
      const { machine } = system;
      changed(machine, `systemctl ${verb}`);
      if (verb === "poweroff") void machine.shutDown("systemctl poweroff").catch(() => {});
      else if (verb === "reboot") void machine.restart().catch(() => {});
      return undefined;
    },
  },
};

function changed(machine: Machine, what: string): void {
  machine.around.ledger.of(machine.name).changes += 1;
  machine.tell("command", { what });
}

/** Prints what the script of providers/bare-metal-node/system-facts.ts does. */
function renderFacts(
  { machine, disk, running, current, switching }: InstalledSystem,
  paths: readonly string[],
): string {
  const booted = machine.around.store.systems.get(running.booted ?? "");
  const digests = paths.flatMap((path) => {
    const content = disk.files.read(path);
    return content === undefined ? [] : [`${createHash("sha256").update(content).digest("hex")}  ${path}`];
  });
  const sections = {
    "boot-id": running.bootId,
    toplevel: current.toplevel,
    serial: machine.serial,
    uuid: machine.inventory.uuid,
    "rolled-back": disk.files.text(ROLLED_BACK) ?? "",
    switch: switching?.runs ? "flint-switch.service loaded active running" : "",
    unread: disk.files.read(UNREAD) === undefined ? "" : "yes",
    trial: "Job=\nActiveState=inactive",
    node: JSON.stringify({
      cluster: current.cluster,
      name: current.node,
      disk: { mark: current.data.disk.mark },
    }),
    reboot: String(booted?.data.kernelParams) === String(current.data.kernelParams) ? "" : "kernel-params",
    digests: digests.join("\n"),
  };
  return Object.entries(sections)
    .map(([name, text]) => `\n=== ${name}\n${text}\n`)
    .join("");
}

/** The system has started from its disk. */
export async function startSystem(machine: Machine, disk: Disk): Promise<Running> {
  const current = machine.around.store.systems.get(disk.system ?? "");
  if (current === undefined) throw new Error(`${disk.system} was never built`);
  const running: Running = {
    kind: "system",
    address: current.data.networks.provisioning.address,
    bootId: newBootId(),
    commandLine: `init=${current.toplevel}/init ${current.data.kernelParams.join(" ")}`,
    booted: current.toplevel,
    stop: () => {},
  };
  disk.files.remove("/run"); // it is in memory
  const services = machine.around.servicesOf(machine);
  const system: InstalledSystem = {
    machine,
    disk,
    running,
    services,
    current,
    switching: undefined,
    volatile: new Files(),
  };
  const sshd = await openSsh(machine, commands, system, {
    address: running.address,
    hostKey: disk.files.text("/etc/ssh/ssh_host_ed25519_key") ?? "",
    authorizedKeys: () => system.current.data.sshAuthorizedKeys,
  });
  running.stop = async () => {
    system.switching?.cut();
    sshd.stop();
    await services.stop();
  };
  machine.services = services;
  services.start();
  machine.tell("system-up", { toplevel: current.toplevel });
  machine.reaches("system-up");
  return running;
}
