import { join } from "node:path";
import { execa } from "execa";
import { announced } from "../../../drivers/ssh/hang-up.js";
import { commandLine } from "../../../drivers/ssh/quote.js";
import { HOST } from "../../../lab/simulated/addresses.js";
import type { LaunchedRack } from "../../../lab/simulated/launch.js";
import { RACK_FILES } from "../../../lab/simulated/rack.js";

/** Removes directories of the cluster on the provisioning host, by a command in the form that the rack understands. */
export async function forgetOnHost(rack: LaunchedRack, ...directories: string[]): Promise<void> {
  const remove = commandLine(["rm", "-rf", ...directories.map((name) => `/var/lib/flint/sim/${name}`)]);
  const [command, words] = rack.inside([
    ...["ssh", "-F", "none", "-i", join(rack.directory, RACK_FILES.operatorKey)],
    ...["-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null"],
    ...[`root@${HOST}`, announced(remove)],
  ]);
  await execa(command, words, { stdin: "ignore" });
}
