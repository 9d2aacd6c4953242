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
  /** Until the lock expires by itself. */
  seconds: z.number(),
  renews: z.boolean(),
});

/** Ends with it when somebody took the lock over. */
export const LOST = 3;

const PATH = "/run/flint/node.lock";

async function main(): Promise<void> {
  const { machine, owner, seconds, renews } = holderSchema.parse(JSON.parse(await text(process.stdin)));
  const session = await openSsh(machine);
  const isOurs = async (action: "take" | "keep") => {
    const words = [PATH, action, "c0ffee", String(seconds), JSON.stringify(owner), ""];
    return (await session.script(LOCK, words)).stdout.trim() === "yours";
  };
  if (!(await isOurs("take"))) throw new Error("somebody else has the lock");
  console.log("taken");
  while (renews) {
    await sleep(100); // so that no turn of another is missed
    if (!(await isOurs("keep"))) process.exit(LOST);
  }
  await session.close();
}

if (require.main === module) void main();
