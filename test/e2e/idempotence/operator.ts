import { join } from "node:path";
import { execa } from "execa";
import { z } from "zod";
import type { LaunchedRack } from "../../../lab/simulated/launch.js";
import type { SimulatedProject } from "../../../lab/simulated/project.js";
import { readSpec } from "../../../providers/runtime/spec-text.js";
import type { sshTargetSchema } from "../../../providers/ssh-target-schema.js";
import { type jobSchema, type orderSchema, type Report, reportSchema } from "./provider-process.js";

export type Job = z.input<typeof jobSchema>;
export type Properties = Record<string, unknown>;

/** A resource as the state has it, secrets in plain text. */
export interface Stored {
  folder: string;
  id: string;
  inputs: Properties;
  outputs: Properties;
}

const stateSchema = z.object({
  deployment: z.object({
    resources: z.array(
      z.object({
        urn: z.string(),
        type: z.string(),
        id: z.string().default(""),
        inputs: z.record(z.string(), z.unknown()).default({}),
        outputs: z.record(z.string(), z.unknown()).default({}),
      }),
    ),
  }),
});

const installedSchema = z.object({ addresses: z.object({ provisioning: z.string() }), hostKeyPublic: z.string() });
const loginSchema = z.object({ loginKey: z.object({ privateKey: z.string() }) });

/** Less than a test's own limit, which would not tell what a process stood on. */
const ENDS_IN_MS = 100_000;

/** Does the work of resources without an engine, in processes that can be killed before any of their commands. */
export class Operator {
  private constructor(
    private readonly rack: LaunchedRack,
    private readonly shared: Properties,
    /** By name. */
    readonly resources: ReadonlyMap<string, Stored>,
  ) {}

  /** Takes inputs and what all share from the state of a project that was brought up. */
  static async of(rack: LaunchedRack, project: SimulatedProject): Promise<Operator> {
    const state = stateSchema.parse(JSON.parse(await project.pulumi(["stack", "export", "--show-secrets"], 60)));
    const { resources } = state.deployment;
    const provider = resources.find(({ inputs }) => "flint:shared" in inputs);
    const shared = z.record(z.string(), z.unknown()).parse(JSON.parse(String(plain(provider?.inputs["flint:shared"]))));
    const own = resources.flatMap(({ urn, type, id, inputs, outputs }) => {
      const folder = /dynamic\/flint:(\w+)$/
        .exec(type)?.[1]
        ?.replaceAll(/(?<=.)([A-Z])/g, "-$1")
        .toLowerCase();
      if (folder === undefined) return [];
      const values = (properties: Properties) => readSpec(plainProperties(properties));
      const stored = { folder, id, inputs: values(inputs), outputs: values(outputs) };
      return [[urn.split("::").at(-1) ?? "", stored] as const];
    });
    return new Operator(rack, shared, new Map(own));
  }

  /** @throws Error when the state has no such resource. */
  resource(name: string): Stored {
    const found = this.resources.get(name);
    if (found === undefined) throw new Error(`no ${name} in the state, but ${[...this.resources.keys()].join(", ")}`);
    return found;
  }

  /** How a machine's installed system is reached. */
  machine(name: string): z.input<typeof sshTargetSchema> {
    const { addresses, hostKeyPublic } = installedSchema.parse(this.resource(name).outputs);
    const { privateKey } = loginSchema.parse(this.shared).loginKey;
    return { name, host: addresses.provisioning, privateKey, hostKeys: [hostKeyPublic] };
  }

  /** Does all jobs at once, in one process. @throws Error when one of them fails. */
  async run(...jobs: Job[]): Promise<Report> {
    const report = await this.start(jobs);
    if (report === undefined) throw new Error("the process was killed, and nobody had asked for that");
    const errors = report.results.flatMap(({ error }) => (error === undefined ? [] : [error]));
    if (errors.length > 0) throw new Error(errors.join("\n"));
    return report;
  }

  /** Kills the process before it sends its nth command. @returns false when it came to its end before that. */
  async runKilled(job: Job, killedAt: number): Promise<boolean> {
    const report = await this.start([job], killedAt);
    const error = report?.results[0]?.error;
    if (error !== undefined) throw new Error(error);
    return report === undefined;
  }

  /** @returns undefined when it was killed. */
  private async start(jobs: Job[], killedAt?: number): Promise<Report | undefined> {
    // Each process has its own turn with the machine that it works on: none holds the cluster's lock for the others.
    const { host, ...shared } = this.shared;
    const withHost = jobs.map((job) => ({ ...job, inputs: { host, ...job.inputs }, olds: { host, ...job.olds } }));
    const order: z.input<typeof orderSchema> = { shared, jobs: withHost, ...(killedAt ? { killedAt } : {}) };
    const [command, words] = this.rack.inside([process.execPath, join(__dirname, "provider-process.js")]);
    const { signal, exitCode, stdout, stderr, timedOut, shortMessage } = await execa(command, words, {
      input: JSON.stringify(order),
      env: this.rack.environment(),
      timeout: ENDS_IN_MS,
      reject: false,
    });
    if (timedOut) throw new Error(`${shortMessage}; what it sent:\n${stderr}`);
    if (stdout !== "") return reportSchema.parse(JSON.parse(stdout));
    if (killedAt !== undefined && signal === "SIGKILL") return undefined;
    throw new Error(`the provider's process ended with ${exitCode ?? signal}: ${stderr}`);
  }
}

const SECRET = z.object({ "4dabf18193072939515e22adb298388d": z.string(), plaintext: z.string() });

/** A value of the state without the envelopes of its secrets. */
function plain(value: unknown): unknown {
  const secret = SECRET.safeParse(value);
  if (secret.success) return plain(JSON.parse(secret.data.plaintext));
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, plain(each)]));
}

function plainProperties(values: Properties): Properties {
  return Object.fromEntries(Object.entries(values).map(([key, each]) => [key, plain(each)]));
}
