import assert from "node:assert/strict";
import { z } from "zod";
import type { Job, Operator, Properties } from "./operator.js";

const RESTART = "chainfire.service";
const restarts = (command: string) => command.includes(RESTART);

/**
 * Gives a machine another certificate, and the one of before again; killed when the new files are there and its services were not
 * restarted yet. Then again, as the next run does, which finds every file as it is declared; and a third time.
 */
export async function replaceSecretsKilled(operator: Operator, name: string): Promise<void> {
  const { folder, id, inputs, outputs } = operator.resource(name);
  const update = (cert: unknown): Job => ({
    folder,
    operation: "update",
    id,
    olds: outputs,
    inputs: { ...inputs, cert },
  });
  const another = await anotherCertificate(operator, name);
  const { commands } = await operator.run(update(another));
  const at = 1 + commands.findIndex(restarts);
  assert.ok(at > 0, commands.join("\n"));

  assert.ok(await operator.runKilled(update(inputs.cert), at), "it was killed");
  const next = await operator.run(update(inputs.cert));
  assert.equal(next.commands.filter(restarts).length, 1, "services that run with the old certificate are restarted");
  const third = await operator.run(update(inputs.cert));
  assert.deepEqual(third.commands.filter(restarts), [], "nothing is left to do");
}

async function anotherCertificate(operator: Operator, name: string): Promise<unknown> {
  const { folder, id, inputs, outputs } = operator.resource(`${name}-identity`);
  const dnsNames = [...z.array(z.string()).parse(inputs.dnsNames), `${name}.example.net`];
  const job = (news: Properties): Job => ({ folder, operation: "update", id, olds: outputs, inputs: news });
  const { results } = await operator.run(job({ ...inputs, dnsNames }));
  await operator.run(job(inputs));
  return results[0]?.outs?.cert;
}
