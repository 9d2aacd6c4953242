import { spawn } from "node:child_process";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { execa } from "execa";
import { z } from "zod";
import { CHECKOUT, run } from "../lab/demo/commands.js";
import { MainJob } from "../lab/demo/main-job.js";
import { parseTimeline } from "../providers/bare-metal-node/timeline.js";
import { providerMemory } from "./provider-memory.js";
import { TrivialProgram } from "./trivial-program.js";

/** One run of the main job on the virtual rack, with everything that several figures are made of. */
export interface MeasuredJob {
  /** Seconds of `pulumi up` for three nodes, and for the fourth. */
  upSeconds: number;
  expandSeconds: number;
  /** Seconds of `rack up`. */
  rackSeconds: number;
  /** Seconds from a machine's power-on until all its services were healthy, by node. */
  chains: Record<string, number>;
  /** Seconds from a machine's power-on until its installer answered ssh, by node. */
  installerSeconds: Record<string, number>;
  /** Largest resident memory of the provider process, in MB. */
  providerMb: number;
  /** Seconds of no-op previews: of the dev stack, and of a program with as many resources that do nothing, in turns. */
  noopPreviews: number[];
  trivialPreviews: number[];
  /** Size of the state in bytes with three and with four nodes, and the number of resources with three. */
  stateBytes: { three: number; four: number };
  resources: number;
  /** Resources of node04 as a voter. */
  voterResources: number;
}

let once: Promise<MeasuredJob> | undefined;

/** The rack is brought up, used and taken down once, whatever figures are asked for. */
export function measuredJob(): Promise<MeasuredJob> {
  once ??= runJob();
  return once;
}

async function runJob(): Promise<MeasuredJob> {
  const job = new MainJob(false);
  const stackFile = await job.stackFile();
  const rackSeconds = await timed(() => job.rackUp());
  const watch = watchServices(["node01", "node02", "node03", "node04"]);
  try {
    const memory = providerMemory();
    const upSeconds = await timed(() => job.up());
    const three = await exportState();
    const { noopPreviews, trivialPreviews } = await comparePreviews(three.resources);
    await job.addNode("node04");
    const voterResources = Object.keys(await job.plannedChanges()).length;
    const expandSeconds = await timed(() => job.up());
    const four = await exportState();
    const providerMb = memory.stop();
    const healthyAt = watch.stop();
    const poweredAt = await powerOns();
    const chains = Object.fromEntries(
      Object.keys(healthyAt).map((node) => [node, ((healthyAt[node] ?? 0) - (poweredAt[node] ?? 0)) / 1000]),
    );
    return {
      upSeconds,
      expandSeconds,
      rackSeconds,
      chains,
      installerSeconds: four.installerSeconds,
      providerMb,
      noopPreviews,
      trivialPreviews,
      stateBytes: { three: three.bytes, four: four.bytes },
      resources: three.resources,
      voterResources,
    };
  } finally {
    watch.stop();
    await job.destroy().catch(() => {});
    await job.writeStackFile(stackFile);
    await job.rackDown();
  }
}

/** As scripts/pulumi does it, without that script's other work: the program that it is compared with has none either. */
async function previewDev(): Promise<void> {
  const script = `root=$1 rack=dev
. "$root/lab/rack/stack-environment.sh"
exec nsenter --net=/run/netns/flint-dev -- pulumi preview --expect-no-changes`;
  await execa("bash", ["-c", script, "preview", CHECKOUT], { cwd: CHECKOUT, stdin: "ignore", timeout: 300_000 });
}

/** A preview takes seconds, and whatever else the machine does shows in it: as many turns as that takes to even out. */
const PREVIEWS = 9;

/** In turns, while the machines run: both have the same load beside them. */
export async function comparePreviews(
  resources: number,
): Promise<Pick<MeasuredJob, "noopPreviews" | "trivialPreviews">> {
  const trivial = await TrivialProgram.up(resources);
  const noopPreviews: number[] = [];
  const trivialPreviews: number[] = [];
  try {
    for (let i = 0; i < PREVIEWS; i++) {
      noopPreviews.push(await timed(previewDev));
      trivialPreviews.push(await timed(() => trivial.preview()));
    }
  } finally {
    await trivial.remove();
  }
  return { noopPreviews, trivialPreviews };
}

const stateSchema = z.object({
  deployment: z.object({
    resources: z.array(
      z.object({
        urn: z.string(),
        outputs: z
          .object({ timeline: z.string().default("") })
          .optional()
          .catch(undefined),
      }),
    ),
  }),
});

async function exportState(): Promise<{
  bytes: number;
  resources: number;
  installerSeconds: Record<string, number>;
}> {
  const state: unknown = JSON.parse(await run("pulumi", ["stack", "export"], { show: false, deadlineMs: 60_000 }));
  const { resources } = stateSchema.parse(state).deployment;
  const installerSeconds: Record<string, number> = {};
  for (const { urn, outputs } of resources) {
    const { "powered-on": on, "installer-up": up } = parseTimeline(outputs?.timeline ?? "");
    if (on !== undefined && up !== undefined) installerSeconds[urn.split("::").at(-1) ?? ""] = up - on;
  }
  return { bytes: Buffer.byteLength(JSON.stringify(state)), resources: resources.length, installerSeconds };
}

/** When each machine was powered on first, by the rack's own log (milliseconds since the epoch). */
async function powerOns(): Promise<Record<string, number>> {
  const text = await readFile(path.join(CHECKOUT, ".rack/dev/log/events.jsonl"), "utf8");
  const first: Record<string, number> = {};
  for (const line of text.split("\n").filter(Boolean)) {
    const event = JSON.parse(line) as { t: string; node?: string; event: string; state?: string };
    if (event.event === "power" && event.state === "on" && event.node !== undefined)
      first[event.node] ??= Date.parse(event.t);
  }
  return first;
}

/** A process in the rack's network that notes when all services of a node answer 200 for the first time. */
function watchServices(nodes: string[]): { stop(): Record<string, number> } {
  const script = path.join(CHECKOUT, "dist/bench/watch-services.js");
  const child = spawn(path.join(CHECKOUT, "scripts/rack"), ["exec", "--", "node", script, ...nodes], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const healthy: Record<string, number> = {};
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    for (const line of text.trim().split("\n")) {
      const [node, at] = line.split(" ");
      if (node && at) healthy[node] = Number(at);
    }
  });
  return {
    stop() {
      child.kill();
      return healthy;
    },
  };
}

export async function timed(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return (performance.now() - started) / 1000;
}
