import type { Backend, BootSource } from "../redfish/backend.js";
import type { BootOverride } from "../redfish/boot-override.js";

/** ipmi_sim's names of boot sources; `default` is the disk. It knows none for UEFI HTTP boot. */
const SOURCES: Record<string, BootSource> = { none: "None", pxe: "Pxe", default: "Hdd" };

/**
 * Answers ipmi_sim's questions about one machine: `get power boot` → `power:1`, `boot:none`; `set power 1`, `set boot pxe`,
 * `set shutdown 1`, `set reset 1` → nothing. Power follows when the hardware has done it, as behind any BMC.
 * @throws Error for words that it does not know.
 */
export function answerChassis(words: readonly string[], machine: Backend, override: BootOverride): string[] {
  const [operation, ...rest] = words;
  if (operation === "get") return rest.map((what) => `${what}:${textOf(what, machine, override)}`);
  if (operation !== "set" || rest.length % 2 !== 0) throw new Error(`unknown chassis command: ${words.join(" ")}`);
  for (let at = 0; at < rest.length; at += 2) change(rest[at] ?? "", rest[at + 1] ?? "", machine, override);
  return [];
}

function textOf(what: string, machine: Backend, override: BootOverride): string {
  if (what === "power") return machine.power() === "Off" ? "0" : "1";
  if (what === "identify") return "0";
  if (what !== "boot") throw new Error(`unknown chassis value: ${what}`);
  const { enabled, target } = override.state;
  const shown = enabled === "Disabled" ? "None" : target;
  return Object.keys(SOURCES).find((name) => SOURCES[name] === shown) ?? "none";
}

function change(what: string, value: string, machine: Backend, override: BootOverride): void {
  if (what === "identify") return;
  if (what === "boot") {
    const target = SOURCES[value];
    if (target === undefined) throw new Error(`unknown boot source: ${value}`);
    override.change(target === "None" ? { enabled: "Disabled" } : { enabled: "Once", target });
    return;
  }
  const command = COMMANDS[what];
  if (command === undefined) throw new Error(`unknown chassis value: ${what}`);
  // Nobody waits for it: what went wrong shows in the machine's power.
  command(machine, value, `ipmi ${what} ${value}`).catch((error: unknown) => console.error(error));
}

const COMMANDS: Record<string, (machine: Backend, value: string, reason: string) => Promise<void>> = {
  power: (machine, value, reason) => (value === "1" ? machine.powerOn(reason) : machine.forceOff(reason)),
  async reset(machine, _, reason) {
    await machine.forceOff(reason);
    await machine.powerOn(reason);
  },
  shutdown: (machine) => machine.pressPowerButton(),
};
