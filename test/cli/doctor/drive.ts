import { text } from "node:stream/consumers";
import { z } from "zod";
import { bootInstaller } from "../../../providers/bare-metal-node/boot-installer.js";
import { NodeContext } from "../../../providers/bare-metal-node/context.js";
import { readImage } from "../../../providers/bare-metal-node/image-pointer.js";
import { type NodeRecord, writeRecord } from "../../../providers/bare-metal-node/record.js";
import { registerForDisk, registerForInstall } from "../../../providers/bare-metal-node/registration.js";
import { awaitSystem } from "../../../providers/bare-metal-node/running-system.js";
import type { NodeInputs } from "../../../providers/bare-metal-node/schema.js";
import { lifecycle as image } from "../../../providers/netboot-image/lifecycle.js";
import { lifecycle as pxe } from "../../../providers/pxe-server/lifecycle.js";
import { connections } from "../../../providers/runtime/connections.js";

/** What Flint itself does to the rack, in the network namespace that this process is in. */
export type Order =
  | { do: "create"; resource: "pxe" | "image"; properties: Record<string, unknown> }
  /** The provisioning host gets what a machine boots with. `archive`: who is let into its installer. */
  | { do: "register"; want: NodeInputs; record: NodeRecord; archive?: NodeInputs["loginKey"] }
  | { do: "record"; want: NodeInputs; record: NodeRecord }
  /** The step of `pulumi up` that ends with BOOT_TIMEOUT. */
  | { do: "boot"; want: NodeInputs; record: NodeRecord }
  /** The one that ends with FIRST_BOOT_TIMEOUT. */
  | { do: "first-boot"; want: NodeInputs; record: NodeRecord };

export interface Answer {
  error?: string;
}

function contextOf(want: NodeInputs): NodeContext {
  const nothing = () => {};
  return new NodeContext(want, {
    operation: "create",
    signal: AbortSignal.timeout(200_000),
    before: undefined,
    say: nothing,
    info: nothing,
    warn: nothing,
    record: nothing,
  });
}

async function obey(order: Order): Promise<void> {
  if (order.do === "create") {
    const lifecycle = { pxe, image }[order.resource];
    const { inputs, failures } = await lifecycle.check({}, order.properties);
    if (failures.length > 0) throw new Error(failures.map(({ reason }) => reason).join("; "));
    await lifecycle.create(inputs);
    return;
  }
  const { want, record } = order;
  const node = contextOf(want);
  const host = await node.host();
  if (order.do === "first-boot") {
    await awaitSystem(node);
    return;
  }
  if (order.do === "boot") return void (await bootInstaller(node, record, await readImage(node)));
  if (order.do === "register") {
    if (record.phase === "installed") await registerForDisk(host, want);
    else {
      const loginKey = order.archive ?? want.loginKey;
      await registerForInstall(host, { ...want, loginKey }, record, await readImage(node));
    }
  }
  await writeRecord(host, want.pxe.root, record);
}

/** Orders are made by `bench.ts` of this folder. */
const orders = z.array(z.custom<Order>((value) => z.object({ do: z.string() }).safeParse(value).success));

async function main(): Promise<Answer> {
  try {
    for (const order of orders.parse(JSON.parse(await text(process.stdin)))) await obey(order);
    return {};
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error) };
  } finally {
    connections.close();
  }
}

if (require.main === module)
  void main().then((answer) => {
    process.stdout.write(JSON.stringify(answer));
    process.exit();
  });
