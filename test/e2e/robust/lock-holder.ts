// Somebody else who works on a machine: takes its lock as another run of Flint would, from another place, and renews it until
// the process is ended, or somebody takes it over. Told on standard input whom it plays; prints "taken".
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { openSsh } from "../../../drivers/ssh/session.js";
import { ownerSchema } from "../../../providers/runtime/lock/owner.js";
import { LOCK } from "../../../providers/runtime/lock/script.js";
import { sshTargetSchema } from "../../../providers/ssh-target-schema.js";

export const holderSchema = z.object({
  machine: sshTargetSchema,
  owner: ownerSchema,
  /** Of the lock. Default: the machine's own. */
  path: z.string().default("/run/flint/node.lock"),
  /** Until the lock expires by itself. */
  seconds: z.number(),
  renews: z.boolean(),
});

/** Ends with it when somebody took the lock over. */
export const LOST = 3;

async function main(): Promise<void> {
  const { machine, owner, path, seconds, renews } = holderSchema.parse(JSON.parse(await text(process.stdin)));
  const session = await openSsh(machine);
  const ask = async (action: "take" | "keep", over = "") => {
    const words = [path, action, "c0ffee", String(seconds), JSON.stringify(owner), over];
    return (await session.script(LOCK, words)).stdout.trim();
  };
  // A run of Flint that is over may have left it to expire.
  const [, token] = /^held (\S*)/.exec(await ask("take")) ?? [];
  if (token !== undefined && (await ask("take", token)) !== "yours") throw new Error("somebody else has the lock");
  console.log("taken");
  while (renews) {
    await sleep(100); // so that no turn of another is missed
    if ((await ask("keep")) !== "yours") process.exit(LOST);
  }
  await session.close();
}

if (require.main === module) void main();
