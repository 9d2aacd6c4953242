import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import path from "node:path";
import { z } from "zod";
import type { SshSession } from "../../drivers/ssh/target.js";
import { FlintError } from "../../foundation/errors.js";
import { waitUntil } from "../../foundation/wait.js";

/** Seconds that a new system may take until the node is healthy and reachable; then the node goes back by itself. */
const HEALTHY_IN = 300;
/** Seconds for what comes before and after: the activation, and going back. */
const ACTIVATION = 300;

/** From this file's place in the package: dist/providers/bare-metal-node. */
const SCRIPT = path.resolve(__dirname, "../../../nix/scripts/switch.sh");

const resultSchema = z.object({
  state: z.enum(["running", "waiting", "switched", "rolled-back", "refused", "failed"]),
  system: z.string(),
  previous: z.string(),
  reason: z.string(),
});
type Result = z.infer<typeof resultSchema>;

export interface SwitchOptions {
  node: string;
  /** Store path, on the node already. */
  toplevel: string;
  /** A session with the node; asked for again whenever the last one broke. */
  session: () => Promise<Pick<SshSession, "exec" | "readFile" | "writeFile">>;
  say: (text: string) => void;
  signal: AbortSignal;
  /** Default 300 s. */
  healthySeconds?: number;
  /** Where the script and its result are on the node. Default `/run/flint`. */
  directory?: string;
}

/**
 * Has the node switch itself (nix/scripts/switch.sh, in a unit that outlives this connection): it goes back unless it is
 * healthy in time and we can still log in.
 * @throws FlintError `SYSTEM_ROLLED_BACK` with the reason; `SYSTEM_MISMATCH` when the node tells no result.
 */
export async function switchWithRollback(options: SwitchOptions): Promise<void> {
  const { node, toplevel, session, signal, healthySeconds = HEALTHY_IN, directory = "/run/flint" } = options;
  const unit = `flint-switch-${randomBytes(4).toString("hex")}`;
  const script = `${directory}/${unit}.sh`;
  const result = `${directory}/${unit}.json`;
  const first = await session();
  await first.writeFile(script, readFileSync(SCRIPT), 0o700);
  const command = ["sh", script, "--deadline", String(healthySeconds), "--confirm", "--result", result, toplevel];
  await first.exec(["systemd-run", "--collect", "--quiet", `--unit=${unit}`, "--setenv=HOME=/root", ...command], {
    deadlineMs: 60_000,
    signal,
  });
  let seen = "no result yet";
  const look = async (): Promise<Result | undefined> => {
    const now = await session();
    const read = readResult(await now.readFile(result));
    if (read === undefined) return undefined;
    seen = read.state;
    if (read.state === "running") return undefined;
    if (read.state !== "waiting") return read;
    options.say("waiting until the new system is healthy");
    await now.writeFile(`${result}.confirmed`, "");
    return undefined;
  };
  const end = await waitUntil(
    // The switch may cut the connection, and the new system may be the one that we cannot reach.
    () =>
      look().catch((error) => {
        signal.throwIfAborted();
        seen = error instanceof FlintError ? error.code : "no connection";
        return undefined;
      }),
    {
      reason: `${node} to end its switch to ${toplevel}`,
      subject: node,
      code: "SYSTEM_MISMATCH",
      deadlineMs: (healthySeconds + ACTIVATION) * 1000,
      intervalMs: 300,
      maxIntervalMs: 2000,
      signal,
      lastSeen: () => seen,
      remedy: `See \`journalctl -u ${unit}\` on ${node}: it goes back by itself when it is not healthy. Then run \`pulumi up\` again.`,
    },
  );
  if (end.state !== "switched") throw rolledBack(node, end, unit);
}

function readResult(content: Buffer | undefined): Result | undefined {
  if (content === undefined) return undefined;
  try {
    return resultSchema.parse(JSON.parse(content.toString("utf8")));
  } catch {
    return undefined;
  }
}

function rolledBack(node: string, { state, system, previous, reason }: Result, unit: string): FlintError {
  const runs = {
    "rolled-back": `it went back to ${previous}: ${reason}`,
    refused: `it changed nothing: ${reason}`,
    failed: `${reason}; the node may need a hand`,
  };
  return new FlintError("SYSTEM_ROLLED_BACK", {
    subject: node,
    expected: `the system ${system}, healthy and reachable`,
    found: state in runs ? runs[state as keyof typeof runs] : reason,
    remedy: `See \`journalctl -u ${unit}\` on ${node}, mend the cause, and run \`pulumi up\` again.`,
  });
}

/** A system that went back by itself at its start: what the node keeps of it in /var/lib/flint/rolled-back.json. */
export function rolledBackAtStart(node: string, system: string, runs: string, reason: string): FlintError {
  return new FlintError("SYSTEM_ROLLED_BACK", {
    subject: node,
    expected: `the system ${system} after the restart`,
    found: `it went back to ${runs}: ${reason}`,
    remedy: `See \`journalctl -b -1\` and \`journalctl -u flint-boot-check\` on ${node}, mend the cause, and run \`pulumi up\` again.`,
  });
}
