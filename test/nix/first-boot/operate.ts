import { readFileSync } from "node:fs";
import { messageFrom } from "../../../foundation/errors.js";
import { lifecycle as member } from "../../../providers/chainfire-member/lifecycle.js";
import { lifecycle as health } from "../../../providers/cluster-health/lifecycle.js";
import { type Operation, type Outcome, operationsSchema } from "./operation.js";

/** Program: does the operations on its standard input at once, and prints what became of each. */
async function main(): Promise<void> {
  const operations = operationsSchema.parse(JSON.parse(readFileSync(0, "utf8")));
  const outcomes = await Promise.all(operations.map(outcome));
  process.stdout.write(JSON.stringify(outcomes));
  process.exit(0);
}

async function outcome({ resource, operation, inputs }: Operation): Promise<Outcome> {
  const lifecycle = resource === "ChainfireMember" ? member : health;
  try {
    if (operation === "create") return { outs: (await lifecycle.create(inputs)).outs };
    await lifecycle.delete("test", inputs);
    return { outs: {} };
  } catch (error) {
    return { error: messageFrom(error) };
  }
}

void main();
