import { join, resolve } from "node:path";
import { Command, Option } from "commander";
import { FlintError, isFlintError, messageFrom } from "../../foundation/errors.js";
import { FAULT_NAMES, type Faults, faultsSchema } from "../redfish/faults.js";
import { attachConsole } from "./console.js";
import { askDaemon } from "./control-client.js";
import { rackDown } from "./down.js";
import { CHECKOUT, type Layout, layoutOf } from "./layout.js";
import { readRackFile } from "./rack-file.js";
import { readRunningRack } from "./running-rack.js";
import { hostLine, statusTable } from "./status.js";
import { printSteps } from "./steps.js";
import { rackUp } from "./up.js";

const print = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

function program(): Command {
  const rack = new Command("rack")
    .description("A virtual rack: machines with firmware, BMCs, disks and networks, without hardware.")
    .addOption(new Option("--rack <name>", "which rack").default("dev"));
  const layout = () => layoutOf(rackName(rack.opts<{ rack: string }>().rack));

  rack
    .command("up")
    .description("bring the rack up; repeated, it repairs what is missing")
    .option("--file <path>", "rack file (default: lab/racks/<rack>.yaml)")
    .action(({ file }: { file?: string }) => {
      const named = rack.getOptionValueSource("rack") !== "default";
      return file === undefined || named ? up(layout(), file) : up(layoutOf(readRackFile(resolve(file)).name), file);
    });
  rack
    .command("status")
    .description("machines, their power, what they booted from, whether ssh answers")
    .option("--json", "as JSON")
    .action(({ json }: { json?: boolean }) => status(layout(), json ?? false));
  rack
    .command("console <machine>")
    .description("serial console; Ctrl-] leaves")
    .action((machine: string) => attachConsole(layout(), known(layout(), machine)));
  rack
    .command("screenshot <machine> [file]")
    .description("what the machine's display shows, as PNG")
    .action((machine: string, file?: string) => screenshot(layout(), machine, file ?? `${machine}.png`));
  rack
    .command("power <machine>")
    .description("power without the BMC, as by its cord")
    .argument("<state>", "on, off or cycle")
    .action((machine: string, state: string) => power(layout(), machine, state));
  rack
    .command("fault <machine> [faults...]")
    .description(`faults of a machine's BMC: name or name=value; none ends all. Names: ${FAULT_NAMES.join(", ")}`)
    .action((machine: string, faults: string[]) => fault(layout(), machine, faults));
  rack
    .command("exec <command...>")
    .description("run a command in the rack's network: rack exec -- curl -k https://10.0.100.150/redfish")
    .action(handledByScript);
  rack
    .command("ssh <machine> [command...]")
    .description("log in as root, with the stack's login key and the machine's pinned host key")
    .action(handledByScript);
  rack.command("shell").description("a shell in the rack's network").action(handledByScript);
  rack
    .command("down")
    .description("switch everything off and remove it without a trace")
    .action(() => down(layout()));
  return rack;
}

async function up(layout: Layout, file: string | undefined): Promise<void> {
  const path = file === undefined ? join(CHECKOUT, "lab/racks", `${layout.rack}.yaml`) : resolve(file);
  const rack = { ...readRackFile(path), name: layout.rack };
  const started = performance.now();
  print(`Rack ${layout.rack}: ${rack.machines.length} machines`);
  await rackUp(layout, rack, printSteps(print));
  print(`Rack ${layout.rack} is up (${((performance.now() - started) / 1000).toFixed(1)} s).`);
}

async function down(layout: Layout): Promise<void> {
  await rackDown(layout, printSteps(print));
  print(`Rack ${layout.rack} is down; nothing of it is left.`);
}

async function status(layout: Layout, json: boolean): Promise<void> {
  const rack = readRunningRack(layout);
  const { machines = [], hostSsh = false } = await askDaemon(layout, { do: "status" });
  if (json) {
    print(JSON.stringify({ rack: layout.rack, hostSsh, machines }, undefined, 2));
    return;
  }
  print(statusTable(machines, Date.now()));
  print(hostLine(rack, hostSsh));
}

async function screenshot(layout: Layout, node: string, file: string): Promise<void> {
  const path = resolve(file);
  await askDaemon(layout, { do: "screenshot", node, file: path });
  print(path);
}

async function power(layout: Layout, node: string, state: string): Promise<void> {
  if (state !== "on" && state !== "off" && state !== "cycle") throw wrongArgument("power", "on, off or cycle", state);
  await askDaemon(layout, { do: "power", node, state });
}

async function fault(layout: Layout, node: string, words: string[]): Promise<void> {
  const given = Object.fromEntries(words.map((word) => [word.replace(/=.*/s, ""), faultValue(word)]));
  const parsed = faultsSchema.safeParse(given);
  if (!parsed.success) {
    throw wrongArgument(
      "fault",
      `names of ${FAULT_NAMES.join(", ")}`,
      parsed.error.issues.map(({ path, message }) => [...path, message].join(" ")).join("; "),
    );
  }
  const faults: Faults = parsed.data;
  await askDaemon(layout, { do: "fault", node, faults });
}

function faultValue(word: string): unknown {
  const value = word.match(/=(.*)$/s)?.[1];
  if (value === undefined || value === "true") return true;
  return /^\d+$/.test(value) ? Number(value) : value;
}

function known(layout: Layout, machine: string): string {
  const names = readRunningRack(layout).machines.map(({ name }) => name);
  if (names.includes(machine)) return machine;
  throw wrongArgument("machine", `one of ${names.join(", ")}`, machine);
}

function rackName(name: string): string {
  if (/^[a-z]([a-z0-9-]{0,18}[a-z0-9])?$/.test(name)) return name;
  throw wrongArgument("--rack", "a name of at most 20 lower case letters, digits and inner hyphens", name);
}

function wrongArgument(subject: string, expected: string, found: string): FlintError {
  return new FlintError("RACK_ARGUMENT", { subject, expected, found, remedy: 'See "npm run rack -- --help".' });
}

/** `exec`, `ssh` and `shell` replace the script's own process, so that signals and the terminal reach the command itself. */
function handledByScript(): never {
  throw wrongArgument("exec, ssh and shell", "to be called through scripts/rack", "a call of cli.js");
}

// "rack status | head -1" is no error.
process.stdout.on("error", (error: NodeJS.ErrnoException) => process.exit(error.code === "EPIPE" ? 0 : 1));

program()
  .parseAsync()
  .catch((error: unknown) => {
    process.stderr.write(`${isFlintError(error) ? error.message : messageFrom(error)}\n`);
    process.exitCode = 1;
  });
