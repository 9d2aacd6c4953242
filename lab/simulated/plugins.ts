import { existsSync, mkdirSync, readFileSync, symlinkSync } from "node:fs";
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { z } from "zod";
import { FlintError, messageFrom } from "../../foundation/errors.js";

/** In a checkout only: puts the lab's stand-ins where the vendor's plugins are out of reach. */
const STAND_INS = resolve(__dirname, "../../../scripts/install-plugins");

const packageFile = z.object({ pulumi: z.object({ name: z.string(), version: z.string() }) });

/** A plugin of Pulumi's, as the package beside this one asks for it. */
interface Plugin {
  name: string;
  version: string;
  /** Below a PULUMI_HOME. */
  folder: string;
}

function pluginOf(name: string): Plugin {
  const file = require.resolve(`@pulumi/${name}/package.json`);
  const { pulumi } = packageFile.parse(JSON.parse(readFileSync(file, "utf8")));
  const version = pulumi.version.replace(/^v/, "");
  return { name: pulumi.name, version, folder: `plugins/resource-${pulumi.name}-v${version}` };
}

/**
 * Makes a PULUMI_HOME of a project's own, with the user's plugins. Those that the cluster needs are there afterwards: from the
 * rack's network the CLI could not download them.
 * @throws FlintError SIMULATION_PLUGIN where one cannot be had.
 */
export async function makePulumiHome(home: string): Promise<void> {
  const { execa } = await import("execa");
  mkdirSync(home, { recursive: true });
  if (existsSync(STAND_INS)) await execa(STAND_INS, [home]);
  if (!existsSync(join(home, "plugins"))) {
    const users = join(process.env.PULUMI_HOME ?? join(homedir(), ".pulumi"), "plugins");
    mkdirSync(users, { recursive: true });
    symlinkSync(users, join(home, "plugins"));
  }
  for (const plugin of ["tls", "command"].map(pluginOf))
    if (!existsSync(join(home, plugin.folder))) await install(plugin);

  async function install({ name, version }: Plugin): Promise<void> {
    const argv = ["plugin", "install", "resource", name, version, "--exact"];
    try {
      await execa("pulumi", argv, { env: { PULUMI_HOME: home, PULUMI_SKIP_UPDATE_CHECK: "true" }, timeout: 300_000 });
    } catch (cause) {
      throw new FlintError("SIMULATION_PLUGIN", {
        subject: `Pulumi's plugin ${name} ${version}`,
        expected: "it to be installed: a simulated rack's network has no way out",
        found: messageFrom(cause).split("; ").at(-1),
        remedy: `Install it where the Internet can be reached, as the user who runs the rack: pulumi ${argv.join(" ")}.`,
        cause,
      });
    }
  }
}
