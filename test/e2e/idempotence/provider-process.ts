// The work of some resources as a provider process does it, without an engine: told on standard input what, kills itself
// before it sends its nth command where that is asked of it, and prints what came of it. On standard error it tells each command
// when it is sent: what one stands on that does not end.
import { ChildProcess } from "node:child_process";
import { subscribe } from "node:diagnostics_channel";
import { text } from "node:stream/consumers";
import ssh2 from "ssh2";
import { z } from "zod";
import { endProcess } from "../../../foundation/end-process.js";
import type { Lifecycle } from "../../../providers/runtime/lifecycle.js";

const properties = z.record(z.string(), z.unknown());

export const jobSchema = z.object({
  folder: z.string(),
  operation: z.enum(["create", "update", "delete"]),
  /** Of update and delete. */
  id: z.string().default(""),
  /** What the state holds. */
  olds: properties.default({}),
  inputs: properties.default({}),
});

export const orderSchema = z.object({
  /** What `FlintProvider` holds. */
  shared: properties,
  jobs: z.array(jobSchema),
  /** The process is killed when it is about to send so many commands. */
  killedAt: z.number().optional(),
});

export const reportSchema = z.object({
  results: z.array(z.object({ id: z.string(), outs: properties.optional(), error: z.string().optional() })),
  /** What was sent: commands over ssh, requests over HTTP, programs that were started. */
  commands: z.array(z.string()),
});
export type Report = z.infer<typeof reportSchema>;
type Result = Report["results"][number];

const commands: string[] = [];
let killedAt = Number.POSITIVE_INFINITY;

function about(command: string): void {
  if (commands.length + 1 >= killedAt) process.kill(process.pid, "SIGKILL");
  commands.push(command);
  const [line = ""] = command.trim().split("\n");
  process.stderr.write(`${(performance.now() / 1000).toFixed(1)} s ${line}\n`);
}

function countCommands(): void {
  const { prototype } = ssh2.Client;
  prototype.exec = new Proxy(prototype.exec, {
    apply(exec, self, words: unknown[]) {
      about(`ssh ${String(words[0]).slice(0, 300)}`);
      return Reflect.apply(exec, self, words);
    },
  });
  const spawn: unknown = Reflect.get(ChildProcess.prototype, "spawn");
  if (typeof spawn !== "function") throw new Error("this Node has no ChildProcess.prototype.spawn");
  const counted = new Proxy(spawn, {
    apply(start, self, words: unknown[]) {
      about("program");
      return Reflect.apply(start, self, words);
    },
  });
  Reflect.set(ChildProcess.prototype, "spawn", counted);
  const requested = z.object({ request: z.object({ method: z.string(), path: z.string() }) });
  subscribe("undici:request:create", (message) => {
    const { method, path } = requested.parse(message).request;
    about(`${method} ${path}`);
  });
}

async function perform(lifecycle: Lifecycle, job: z.infer<typeof jobSchema>): Promise<Result> {
  const { operation, id, olds, inputs } = job;
  try {
    if (operation === "create") return await lifecycle.create(inputs);
    if (operation === "update") return { id, ...(await lifecycle.update(id, olds, inputs)) };
    await lifecycle.delete(id, olds);
    return { id };
  } catch (error) {
    return { id, error: error instanceof Error ? error.message : String(error) };
  }
}

async function main(): Promise<void> {
  const order = orderSchema.parse(JSON.parse(await text(process.stdin)));
  killedAt = order.killedAt ?? killedAt;
  countCommands();
  const results = await Promise.all(
    order.jobs.map(async (job) => {
      const module: { lifecycle: Lifecycle } = await import(`../../../providers/${job.folder}/lifecycle.js`);
      module.lifecycle.configure({ config: { get: () => JSON.stringify(order.shared) } });
      return perform(module.lifecycle, job);
    }),
  );
  const report: Report = { results, commands };
  process.stdout.write(JSON.stringify(report), () => endProcess(0));
}

if (require.main === module) void main();
