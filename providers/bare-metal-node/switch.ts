import { readFileSync } from "node:fs";
import path from "node:path";
import { z } from "zod";
import type { SshSession } from "../../drivers/ssh/target.js";
import { FlintError, isFlintError } from "../../foundation/errors.js";
import { waitUntil } from "../../foundation/wait.js";

/** Seconds that a new system may take until the node is healthy and reachable; then the node goes back by itself. */
const HEALTHY_IN = 300;
/** Seconds for what comes before and after: the activation, and going back. */
const ACTIVATION = 300;

/** From this file's place in the package: dist/providers/bare-metal-node. */
const SCRIPT = path.resolve(__dirname, "../../../nix/scripts/switch.sh");

/** A node has one switch at a time, and this is its name: systemd starts no second unit of it. */
const SWITCH_UNIT = "flint-switch";
/** Where the node tells how far its last switch is. */
const SWITCH_RESULT = "/run/flint/switch.json";

/** Begins the unit with the arguments after the first two (its name, and the file of the result); 75 if one runs. */
export const BEGIN = `
unit=$1 result=$2
shift 2
if [ -n "$(systemctl list-units --plain --no-legend "$unit.service")" ]; then exit 75; fi
rm -f "$result"
exec systemd-run --collect --quiet --unit="$unit" --setenv=HOME=/root "$@"
`;
const ONE_RUNS = 75;

/** Every so many looks at the result, whether the unit is still there: on a slow machine each question costs the switch time. */
const LOOKS_PER_UNIT = 5;

/** How a machine answers that restarts while it is asked to begin. */
const CUT_OFF = ["SSH_CONNECTION_LOST", "SSH_UNREACHABLE"];

/** A machine that is silent for so long may have no power: its new system would have answered, or it would be going back. */
export const SILENT_MS = 60_000;

const resultSchema = z.object({
  state: z.enum(["running", "waiting", "switched", "rolled-back", "refused", "failed"]),
  system: z.string(),
  previous: z.string(),
  reason: z.string(),
});
type Result = z.infer<typeof resultSchema>;

export interface FollowOptions {
  node: string;
  /** A session with the node; asked for again whenever the last one broke. */
  session: (signal: AbortSignal) => Promise<Pick<SshSession, "script" | "readFile" | "writeFile">>;
  /** Whether a new login is let in: the connection that is open would outlive a system that lets nobody in. */
  reachable: (signal: AbortSignal) => Promise<boolean>;
  /** Whose power is to blame: the same error, or one that says so; then nothing more is waited for. Default: nobody is asked. */
  blamePower?: (error: FlintError) => Promise<unknown>;
  say: (text: string) => void;
  signal: AbortSignal;
  /** Default 300 s. */
  healthySeconds?: number;
  /** Silence after which its power is asked for, in milliseconds. Default 60 s. */
  silentMs?: number;
  /** Where the result is on the node; the script and the confirmation are beside it. Default `/run/flint/switch.json`. */
  result?: string;
}

export interface SwitchOptions extends FollowOptions {
  /** Store path, on the node already. */
  toplevel: string;
}

/**
 * Has the node switch itself (nix/scripts/switch.sh, in a unit that outlives this connection): it goes back unless it is
 * healthy in time and we can still log in.
 * @returns `interrupted` where it was not begun for certain, or ended without a verdict, as by a restart: what runs now is not known.
 * @throws FlintError `SYSTEM_ROLLED_BACK` with the reason; `SYSTEM_MISMATCH` when it does not end; `SSH_UNREACHABLE` of a node
 * that has lost its power.
 */
export async function switchWithRollback(options: SwitchOptions): Promise<"switched" | "interrupted"> {
  const { node, toplevel, session, signal, healthySeconds = HEALTHY_IN, result = SWITCH_RESULT } = options;
  const script = path.join(path.dirname(result), "switch.sh");
  const command = ["sh", script, "--deadline", String(healthySeconds), "--confirm", "--result", result, toplevel];
  const begin = async (ends: AbortSignal): Promise<boolean> => {
    const first = await session(ends);
    await first.writeFile(script, readFileSync(SCRIPT), 0o700);
    const { code } = await first.script(BEGIN, [SWITCH_UNIT, result, ...command], {
      okCodes: [0, ONE_RUNS],
      label: "beginning it",
      deadlineMs: 60_000,
      signal: ends,
    });
    return code === 0;
  };
  // Where one runs already, it is followed to its end first.
  const beginOrFollow = async (ends: AbortSignal): Promise<"begun" | "cut off" | undefined> => {
    const begun = await begin(ends).catch((error: unknown) => {
      ends.throwIfAborted();
      if (isFlintError(error) && CUT_OFF.includes(error.code)) return "cut off";
      throw error;
    });
    if (begun === "cut off") return begun;
    if (!begun) await follow({ ...options, signal: ends });
    return begun ? "begun" : undefined;
  };
  const begun = await waitUntil(beginOrFollow, {
    reason: `${node} to begin its switch`,
    subject: node,
    code: "SYSTEM_MISMATCH",
    deadlineMs: 2 * (healthySeconds + ACTIVATION) * 1000,
    intervalMs: 300,
    signal,
    remedy: `See \`systemctl status ${SWITCH_UNIT}\` on ${node}: another switch does not end. Then run \`pulumi up\` again.`,
  });
  if (begun === "cut off") return "interrupted";
  const end = await follow(options);
  if (end === "ended") return "interrupted";
  if (end.state !== "switched") throw rolledBack(node, end);
  return "switched";
}

/**
 * Follows a switch to its end, whoever began it: an interrupted run's, too, which nobody else would confirm.
 * @throws FlintError `SYSTEM_MISMATCH` when the node tells no result.
 */
export async function followSwitch(options: FollowOptions): Promise<Result> {
  const end = await follow(options);
  if (end === "ended") throw withoutResult(options.node);
  return end;
}

/** `ended`: without a verdict, as by a restart. */
async function follow(options: FollowOptions): Promise<Result | "ended"> {
  const { node, session, signal, healthySeconds = HEALTHY_IN, silentMs = SILENT_MS, result = SWITCH_RESULT } = options;
  let seen = "no result yet";
  let silence: string | undefined;
  let looks = 0;
  let silentSince: number | undefined;
  const verdict = async (now: Awaited<ReturnType<FollowOptions["session"]>>): Promise<Result | undefined> => {
    const read = readResult(await now.readFile(result));
    seen = read?.state ?? "no result yet";
    return read;
  };
  const isFinal = (read: Result | undefined) =>
    read !== undefined && read.state !== "running" && read.state !== "waiting";
  const look = async (ends: AbortSignal): Promise<Result | "ended" | undefined> => {
    const now = await session(ends);
    const read = await verdict(now);
    silentSince = silence = undefined;
    if (isFinal(read)) return read;
    if (++looks % LOOKS_PER_UNIT === 0 && !(await isListed(now, ends))) {
      // A restart of the node, or a full disk: it ended between two looks, or without a verdict.
      const last = await verdict(now);
      return isFinal(last) ? last : "ended";
    }
    if (read?.state !== "waiting") return undefined;
    options.say("waiting until the new system is healthy");
    if (await options.reachable(ends)) await now.writeFile(`${result}.confirmed`, "");
    return undefined;
  };
  const unseen = async (error: unknown, ends: AbortSignal): Promise<undefined> => {
    signal.throwIfAborted();
    if (ends.aborted) {
      silence ??= "no answer";
      return;
    }
    silence = isFlintError(error) ? (error.found ?? error.code) : "no connection";
    silentSince ??= performance.now();
    options.say("it does not answer: waiting until it is back, or has gone back to the system of before");
    if (!isFlintError(error) || performance.now() - silentSince < silentMs) return;
    silentSince = undefined;
    const blamed = await options.blamePower?.(error);
    if (blamed !== undefined && blamed !== error) throw blamed;
  };
  return waitUntil(
    // The switch may cut the connection, and the new system may be the one that we cannot reach.
    (ends) => look(ends).catch((error: unknown) => unseen(error, ends)),
    {
      reason: `${node} to end its switch`,
      subject: node,
      code: "SYSTEM_MISMATCH",
      deadlineMs: (healthySeconds + ACTIVATION) * 1000,
      intervalMs: 300,
      maxIntervalMs: 2000,
      signal,
      lastSeen: () => (silence === undefined ? seen : `${seen}, then ${silence}`),
      remedy: `See \`journalctl -u ${SWITCH_UNIT}\` on ${node}: it goes back by itself when it is not healthy. Then run \`pulumi up\` again.`,
    },
  );
}

/** A switch that ended without a verdict, and nobody may begin it again. */
export function withoutResult(node: string): FlintError {
  return new FlintError("SYSTEM_MISMATCH", {
    subject: node,
    expected: "a result of its switch to another system",
    found: "that it ended without one",
    remedy: `See \`journalctl -u ${SWITCH_UNIT}\` on ${node}, and whether it was restarted. Then run \`pulumi up\` again.`,
  });
}

/** Prints a line where the unit `$1` is known to systemd. */
export const LIST_UNIT = 'systemctl list-units --plain --no-legend "$1.service"';

async function isListed(session: Pick<SshSession, "script">, signal: AbortSignal): Promise<boolean> {
  const { stdout } = await session.script(LIST_UNIT, [SWITCH_UNIT], { deadlineMs: 60_000, signal });
  return stdout.trim() !== "";
}

function readResult(content: Buffer | undefined): Result | undefined {
  if (content === undefined) return undefined;
  try {
    return resultSchema.parse(JSON.parse(content.toString("utf8")));
  } catch {
    return undefined;
  }
}

function rolledBack(node: string, { state, system, previous, reason }: Result): FlintError {
  const runs = {
    "rolled-back": `it went back to ${previous}: ${reason}`,
    refused: `it changed nothing: ${reason}`,
    failed: `${reason}; the node may need a hand`,
  };
  return new FlintError("SYSTEM_ROLLED_BACK", {
    subject: node,
    expected: `the system ${system}, healthy and reachable`,
    found: state in runs ? runs[state as keyof typeof runs] : reason,
    remedy: `See \`journalctl -u ${SWITCH_UNIT}\` on ${node}, mend the cause, and run \`pulumi up\` again.`,
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
