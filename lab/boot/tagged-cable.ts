import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa, type ResultPromise } from "execa";
import { waitUntil } from "../../foundation/wait.js";

/** One end of it: what is plugged in there is untagged, what leaves for the other end has this tag. */
export interface TaggedEnd {
  /** Wraps argv so that it runs where the device is to be. */
  on(command: readonly string[]): [program: string, args: string[]];
  /** Name of the device that is made. */
  device: string;
  vlan: number;
}

/** Of each switch: its own device, and the cable. */
const [DEVICE, CABLE] = [1, 2];

/**
 * A cable that carries tagged frames (IEEE 802.1Q), with a switch at both ends that tags and strips. The switches are VDE's and run in
 * user space: not every kernel has VLAN devices. A port takes only what has a tag of its own, so that ends with different tags do
 * not hear each other.
 */
export async function layTaggedCable(...ends: [TaggedEnd, TaggedEnd]): Promise<{ close(): Promise<void> }> {
  const directory = mkdtempSync(join(tmpdir(), "flint-cable-"));
  const controls = ends.map((_, at) => join(directory, `switch${at}`));
  const switches = ends.map((end, at) => startSwitch(end, controls[at] ?? "", join(directory, `switch${at}.rc`)));
  const processes: ResultPromise[] = [...switches];
  const close = async () => {
    for (const each of processes) each.kill("SIGTERM");
    await Promise.all(processes);
    rmSync(directory, { recursive: true });
  };
  const until = (reason: string, condition: () => boolean) =>
    waitUntil(async () => condition(), {
      reason,
      deadlineMs: 40_000,
      intervalMs: 50,
      lastSeen: () => controls.map((each) => filesOf(each).join(" ") || "nothing").join("; "),
      remedy: "See whether vde2 is installed, and whether this machine has /dev/net/tun.",
    });
  try {
    await until("both switches of a tagged cable to start", () =>
      controls.every((each) => filesOf(each).includes("ctl")),
    );
    const plugs = controls.map((each) => `vde://${each}[${CABLE}]`);
    processes.push(execa("vde_plug", plugs, { reject: false, stdin: "ignore" }));
    const isPlugged = (control: string) => filesOf(control).some((name) => name.startsWith(`00${CABLE}.`));
    await until("a tagged cable to be plugged in", () => controls.every(isPlugged));
  } catch (error) {
    await close();
    throw error;
  }
  return { close };
}

function startSwitch({ on, device, vlan }: TaggedEnd, control: string, rc: string) {
  const setup = [
    `port/create ${CABLE}`,
    `vlan/create ${vlan}`,
    `port/setvlan ${DEVICE} ${vlan}`,
    `vlan/addport ${vlan} ${CABLE}`,
  ];
  writeFileSync(rc, `${setup.join("\n")}\n`);
  const [program, args] = on(["vde_switch", "-s", control, "-t", device, "-f", rc]);
  // It reads commands, and ends with their end: nothing is left of it when this process is gone.
  return execa(program, args, { reject: false, stdin: "pipe" });
}

function filesOf(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}
