import * as pulumi from "@pulumi/pulumi";
import { whileRegistering } from "./while-registering.js";

type Debug = typeof pulumi.log.debug;

/**
 * Runs `work`, and until `registered` settles sends the SDK's debug lines together: those that come while others are on their
 * way travel in one message after them, each still a line, in their order. The SDK has three for each resource and sends
 * one after the other, each a call to the engine, which drops them unless the CLI was given `--debug`: a tenth of what a preview of
 * 300 machines takes (docs/decisions/0031-debug-lines-together.md).
 */
export const withDebugLinesTogether = whileRegistering(
  () => {
    debugBefore = pulumi.log.debug;
    setDebug(together);
  },
  () => {
    // Whoever has put another one in place since then keeps it.
    if (pulumi.log.debug === together) setDebug(debugBefore);
  },
);

let debugBefore: Debug = pulumi.log.debug;

/** The SDK looks `debug` up in its module at each call. One that cannot be written goes on as it is. */
function setDebug(debug: Debug): void {
  Reflect.set(pulumi.log, "debug", debug);
}

/** Lines that travel together. */
interface Batch {
  lines: string[];
  sent: PromiseWithResolvers<void>;
}

const batch = (...lines: string[]): Batch => ({ lines, sent: Promise.withResolvers() });

/** Lines that wait until those before them have arrived, by their engine: several programs may run in one process. */
const waiting = new WeakMap<object, Batch>();

const together: Debug = (text, resource, streamId, ephemeral) => {
  const engine = pulumi.runtime.getEngine();
  // The SDK's own lines are no resource's, and of no stream.
  const own = resource === undefined && streamId === undefined && ephemeral === undefined;
  if (engine === undefined || !own) return debugBefore(text, resource, streamId, ephemeral);
  const others = waiting.get(engine);
  if (others === undefined) {
    const first = batch(text);
    void send(engine, first);
    return first.sent.promise;
  }
  others.lines.push(text);
  return others.sent.promise;
};

async function send(engine: object, first: Batch): Promise<void> {
  // Or the SDK would hang up at the program's end although lines wait.
  const done = pulumi.runtime.rpcKeepAlive();
  for (let next: Batch | undefined = first; next !== undefined && next.lines.length > 0; next = waiting.get(engine)) {
    waiting.set(engine, batch());
    await debugBefore(next.lines.join("\n"));
    next.sent.resolve();
  }
  waiting.delete(engine);
  done();
}
