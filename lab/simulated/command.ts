import { spawn } from "node:child_process";
import { Command } from "commander";
import { ZodError } from "zod";
import { table } from "../demo/table.js";
import { namesOf } from "./addresses.js";
import { describeDrawn, drawFaults } from "./chances/draw.js";
import { readChances } from "./chances/read.js";
import { chancesSchema } from "./chances/schema.js";
import { LaunchedRack } from "./launch.js";
import { SimulatedProject } from "./project.js";
import { reasonOf } from "./reason.js";
import type { Status } from "./schema.js";
import { readFaults, readMachines, readRepairedAfter, readSpeed } from "./words.js";

const print = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

function program(): Command {
  return new Command("flint-simulate")
    .description("A simulated rack with a Pulumi project for it, for as long as the command runs (default: a shell).")
    .addHelpText(
      "after",
      "\nExample: flint-simulate --machines 3 --project . -- pulumi up --yes\nNeeds Linux, root, and the Pulumi CLI. The README beside it: lab/simulated/README.md",
    )
    .argument("[command...]", "runs in the rack's network and the project's directory, after --", [])
    .option("--machines <count>", "node01 to node03 vote, the others are workers", readMachines, 4)
    .option("--project <directory>", "your Pulumi project (default: one that only declares the cluster)")
    .option("--stack <name>", "of your project, made and removed by the rack", "simulated")
    .option("--faults <file>", "what goes wrong by script: a fault order, or a list of them, as JSON")
    .option("--seed <text>", "what random times and faults follow from", "1")
    .option("--speed <factor>", "simulated seconds in a real one", readSpeed, 20)
    .option(
      "--chances <fault=probability...>",
      "what goes wrong by chance: machine.dhcpLost=0.2, or bmc=0.05 for all of a kind",
    )
    .option(
      "--repaired-after <seconds>",
      "a fault that came by chance is over after so many simulated seconds",
      readRepairedAfter,
    )
    .action(simulate);
}

/** Where something is to go wrong, nobody wants to wait as long as for hardware. */
const SHORT = { boot: "1m", install: "1m", firstBoot: "1m", build: "1m", join: "1m", health: "1m" };

interface Options {
  machines: number;
  seed: string;
  speed: number;
  project?: string;
  stack: string;
  faults?: string;
  chances?: string[];
  repairedAfter?: number;
}

async function simulate(command: string[], options: Options): Promise<void> {
  const { machines, seed, speed, repairedAfter } = options;
  const chances = chancesSchema.parse({
    ...readChances(options.chances ?? []),
    ...(repairedAfter === undefined ? {} : { repairedAfter: repairedAfter * 1000 }),
  });
  const faults = options.faults === undefined ? [] : readFaults(options.faults, namesOf(machines));
  const rack = await LaunchedRack.start({ machines, seed, speed });
  let project: SimulatedProject | undefined;
  try {
    const cluster = rack.cluster((args) => {
      if (options.chances !== undefined || options.faults !== undefined) args.deadlines = SHORT;
    });
    const { project: directory, stack } = options;
    project =
      directory === undefined
        ? await SimulatedProject.make(rack, cluster)
        : await SimulatedProject.open(rack, { directory, stack, cluster });
    for (const order of faults) await rack.inject(order);
    // After them: a script replaces what was drawn.
    await rack.inject({ chances });
    for (const fault of drawFaults(chances, seed, namesOf(machines))) print(describeDrawn(fault));
    if (command.length === 0) {
      print(`${options.machines} machines. The project is here; what is declared: ${project.clusterFile}.`);
      print(
        `  pulumi up, pulumi preview, …; events of the rack: ${rack.directory}/events.jsonl; exit leaves and removes all.`,
      );
    }
    const [file, argv] = rack.inside(command.length === 0 ? [process.env.SHELL ?? "bash"] : command);
    const env = { ...process.env, ...project.environment() };
    const child = spawn(file, argv, { cwd: project.directory, env, stdio: "inherit" });
    // The terminal sends Ctrl-C to all; what the command makes of it counts.
    process.on("SIGINT", () => {});
    process.on("SIGTERM", () => child.kill("SIGTERM"));
    // The terminal is gone: nobody reads, and everything is removed all the same.
    process.on("SIGHUP", () => child.kill("SIGHUP"));
    for (const stream of [process.stdout, process.stderr]) stream.on("error", () => {});
    process.exitCode = await new Promise<number>((resolve) => child.once("close", (code) => resolve(code ?? 1)));
    tell(await rack.status());
  } finally {
    await rack.stop();
    project?.remove();
  }
}

function tell({ machines, counts, violations }: Status): void {
  const rows = Object.entries(machines).map(([name, { power, runs }]) => {
    const { powerCalls = 0, boots = 0, wipes = {}, changes = 0 } = counts[name] ?? {};
    const formatted = Object.values(wipes).reduce((sum, each) => sum + each, 0);
    return [name, power, runs ?? "nothing", ...[powerCalls, boots, formatted, changes].map(String)];
  });
  print(table(["machine", "power", "runs", "power calls", "boots", "formatted", "changes by ssh"], rows));
  for (const violation of violations) print(`VIOLATION ${violation}`);
}

/** Runs the command line of this process. @throws Error that says what is refused. */
export async function run(): Promise<void> {
  try {
    await program().parseAsync();
  } catch (error) {
    throw error instanceof ZodError ? new Error(reasonOf(error), { cause: error }) : error;
  }
}
