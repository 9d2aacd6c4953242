import { text } from "node:stream/consumers";
import { z } from "zod";
import { lifecycle as keys } from "../../../providers/cluster-keys/lifecycle.js";
import { lifecycle as image } from "../../../providers/netboot-image/lifecycle.js";
import { lifecycle as pxe } from "../../../providers/pxe-server/lifecycle.js";

/** Runs one operation of one resource, told on standard input, in the network namespace that this process is in. */
const Order = z.object({
  resource: z.enum(["pxe", "image", "keys"]),
  operation: z.enum(["create", "update", "read", "delete"]),
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
    return await (operation === "update" ? lifecycle.update("id", before, inputs) : lifecycle.create(inputs));
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error) };
  }
}

void main().then((answer) => {
  process.stdout.write(JSON.stringify(answer ?? {}));
  process.exit();
});
