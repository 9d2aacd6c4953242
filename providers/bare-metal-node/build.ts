import { buildSystems, type SystemRequest } from "../../drivers/nix/build-systems.js";
import type { BuiltSystem } from "../../drivers/nix/driver.js";
import { FlintError, isFlintError } from "../../foundation/errors.js";
import { cancelSignal } from "../runtime/cancel.js";
import { gather } from "../runtime/fleet.js";
import type { NodeContext } from "./context.js";

interface Order extends SystemRequest {
  deadlineMs: number;
  say(text: string): void;
}

/** One nix evaluation for all nodes that need a system at about the same time. */
const buildTogether = gather(
  async (orders: Order[]) => {
    const answers = await buildSystems(orders, {
      deadlineMs: Math.max(...orders.map((order) => order.deadlineMs)),
      signal: cancelSignal,
      onProgress: (text) => {
        for (const order of orders) order.say(text);
      },
    });
    return new Map(orders.map((order, i) => [order.node, answers[i]]));
  },
  // Two clusters of one stack may use the same names.
  { keyOf: (order) => JSON.stringify([order.cluster, order.source]) },
);

/** Builds the node's system, together with those of others. @throws FlintError `NIX_BUILD` and others of the nix driver. */
export async function buildSystem(node: NodeContext): Promise<BuiltSystem> {
  const { want } = node;
  const order: Order = {
    source: { flake: want.system.flake, inputs: want.system.inputs },
    cluster: { name: want.cluster, domain: want.domain },
    node: want.name,
    data: want.data,
    deadlineMs: want.deadlines.build * 1000,
    say: (text) => node.say(text),
  };
  const answers = await buildTogether(order).catch((error: unknown) => {
    throw named(want.name, error);
  });
  const answer = answers.get(want.name);
  if (answer === undefined) throw new Error(`no build answer for ${want.name}`);
  if (answer instanceof Error) throw named(want.name, answer);
  return answer;
}

/** One call builds for many machines: each tells of its own. */
function named(machine: string, error: unknown): unknown {
  if (!isFlintError(error)) return error;
  const { code, subject, expected, found, remedy } = error;
  return new FlintError(code, {
    subject: `${machine}, build of its system, ${subject}`,
    expected,
    found,
    remedy,
    cause: error,
  });
}
