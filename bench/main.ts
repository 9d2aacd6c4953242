import { readdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { Command } from "commander";
import { table } from "../lab/demo/table.js";
import type { Measurement, Row } from "./row.js";

async function measurements(): Promise<Measurement[]> {
  const folder = path.join(__dirname, "rows");
  const files = (await readdir(folder)).filter((file) => file.endsWith(".js")).sort();
  const found = await Promise.all(
    files.map(async (file) => {
      const module = (await import(path.join(folder, file))) as {
        measurement?: Measurement;
        measurements?: Measurement[];
      };
      const own = module.measurements ?? (module.measurement === undefined ? [] : [module.measurement]);
      if (own.length === 0) throw new Error(`bench/rows/${file} exports no measurement`);
      return own;
    }),
  );
  return found.flat();
}

async function bench(names: string[], options: { json?: string }): Promise<void> {
  const all = await measurements();
  const known = all.flatMap((each) => each.names);
  const unknown = names.filter((name) => !known.some((each) => each.startsWith(name)));
  if (unknown.length > 0) throw new Error(`no figure is called ${unknown.join(", ")}; there are ${known.join(", ")}`);
  const wanted = (name: string) => names.length === 0 || names.some((each) => name.startsWith(each));
  const rows: Row[] = [];
  for (const each of all.filter((measurement) => measurement.names.some(wanted))) {
    rows.push(...(await each.measure()).filter((row) => wanted(row.name)));
  }
  process.stdout.write(
    `${table(
      ["figure", "value", "unit", "goal", "", "runs"],
      rows.map((row) => [
        row.name,
        String(row.value),
        row.unit,
        row.goal,
        row.ok === null ? "" : row.ok ? "ok" : "MISSED",
        row.runs.join(" "),
      ]),
    )}\n`,
  );
  const missed = rows.filter(({ ok }) => ok === false).map(({ name, value, goal }) => `${name} is ${value} (${goal})`);
  if (missed.length > 0) {
    process.stderr.write(`Goals missed: ${missed.join(", ")}.\n`);
    process.exitCode = 1;
  }
  if (options.json !== undefined) await writeFile(options.json, `${JSON.stringify(rows, null, 2)}\n`);
}

new Command("bench")
  .description("Measures Flint on this machine. Ratios compare two things of the same run.")
  .argument("[name...]", "figures, or beginnings of their names; all if none")
  .option("--json <file>", "also write the rows as JSON")
  .action(bench)
  .parseAsync()
  .catch((error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  });
