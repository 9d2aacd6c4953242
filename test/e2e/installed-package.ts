import { writeFile } from "node:fs/promises";
import path from "node:path";
import { execa } from "execa";
import { z } from "zod";
import { CHECKOUT } from "../../lab/demo/commands.js";

const packs = z.array(z.object({ filename: z.string() }));

/** Packs the package and installs it in an empty directory, with what it needs and nothing else. */
export async function installPackage(directory: string): Promise<void> {
  const { stdout } = await execa("npm", ["pack", "--json", "--ignore-scripts", "--pack-destination", directory], {
    cwd: CHECKOUT,
  });
  const [pack] = packs.parse(JSON.parse(stdout.slice(stdout.indexOf("["))));
  await writeFile(path.join(directory, "package.json"), '{ "name": "my-rack", "private": true }\n');
  await execa(
    "npm",
    ["install", "--no-audit", "--no-fund", "--prefer-offline", `./${pack?.filename}`, "@pulumi/pulumi"],
    { cwd: directory, timeout: 300_000 },
  );
}
