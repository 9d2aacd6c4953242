import { text } from "node:stream/consumers";
import { z } from "zod";
import { lifecycle as keys } from "../../../providers/cluster-keys/lifecycle.js";
import { lifecycle as image } from "../../../providers/netboot-image/lifecycle.js";
import { lifecycle as pxe } from "../../../providers/pxe-server/lifecycle.js";
import { inputsSchema } from "../../../providers/pxe-server/schema.js";
import { read as readServer } from "../../../providers/pxe-server/work.js";

/** Runs one operation of one resource, told on standard input, in the network namespace that this process is in. */
const Order = z.object({
  resource: z.enum(["pxe", "image", "keys"]),
  /** `warn`: what a refresh of a PxeServer warns of. */
  operation: z.enum(["create", "update", "read", "delete", "warn"]),
  properties: z.record(z.string(), z.unknown()),
  /** Of an update: what the state holds. */
  before: z.record(z.string(), z.unknown()).default({}),
});

async function main(): Promise<unknown> {
  const { resource, operation, properties, before } = Order.parse(JSON.parse(await text(process.stdin)));
  const lifecycle = { pxe, image, keys }[resource];
  try {
    if (operation === "delete") return await lifecycle.delete("id", properties);
    if (operation === "read") return await lifecycle.read("id", properties);
    const { inputs, failures } = await lifecycle.check({}, properties);
    if (failures.length > 0) return { error: failures.map(({ reason }) => reason).join("; ") };
    if (operation === "warn") return { warnings: await warningsOf(inputs) };
    return await (operation === "update" ? lifecycle.update("id", before, inputs) : lifecycle.create(inputs));
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error) };
  }
}

/** Without an engine nobody is told. */
async function warningsOf(inputs: object): Promise<string[]> {
  const warnings: string[] = [];
  await readServer(inputsSchema.parse(inputs), {
    operation: "read",
    signal: AbortSignal.timeout(100_000),
    before: undefined,
    say() {},
    info() {},
    warn: (line) => void warnings.push(line),
    record() {},
  });
  return warnings;
}

void main().then((answer) => {
  process.stdout.write(JSON.stringify(answer ?? {}));
  process.exit();
});
