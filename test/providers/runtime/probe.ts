import { writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { defineLifecycle, type Work } from "../../../providers/runtime/lifecycle.js";

const Inputs = z.object({
  self: z.string().optional(),
  name: z.string(),
  size: z.number().int().min(1).default(1),
  /** Fails after this phase. */
  failAfter: z.number().optional(),
  phases: z.number().default(3),
  phaseMs: z.number().default(10),
  password: z.string().optional(),
  place: z.string().default("here"),
  /** Does not look at the signal. */
  deaf: z.boolean().default(false),
  /** Written when the operation saw its abort. */
  trace: z.string().optional(),
});

interface Outputs {
  phase: number;
  seen?: Date;
}

type Inputs = z.infer<typeof Inputs>;

const work: Work<Inputs, Outputs> = {
  async converge(inputs, run) {
    for (let phase = run.before?.phase ?? 0; phase < inputs.phases; phase++) {
      if (phase === inputs.failAfter) throw new Error(`phase ${phase} failed\nwith password ${inputs.password}`);
      run.say(`${run.operation} phase ${phase}, ${inputs.password}`);
      await sleep(inputs.phaseMs, undefined, inputs.deaf ? undefined : { signal: run.signal }).catch((error) => {
        if (inputs.trace !== undefined) writeFileSync(inputs.trace, `aborted in phase ${phase}`);
        throw error;
      });
      run.record({ phase: phase + 1 });
    }
    return { phase: inputs.phases, seen: new Date(0), nothing: undefined } as Outputs;
  },
  async read(inputs, run) {
    if (inputs.name === "gone") return undefined;
    if (inputs.name === "silent") throw new Error("silent: no answer");
    return { phase: run.before?.phase ?? 0 };
  },
  async remove(inputs) {
    if (inputs.name === "stuck") throw new Error("stuck: in use");
  },
  unbegun: (error) => error,
};

/** A resource that counts phases: the smallest thing with a long create, a failure half-way, and a resume. */
export const lifecycle = defineLifecycle<Inputs, Outputs>({
  type: "Probe",
  inputs: Inputs,
  stored: Inputs,
  id: (inputs) => `probe-${inputs.name}`,
  secrets: (inputs) => [inputs.password],
  replaceOn: ["place"],
  ignore: ["phaseMs", "failAfter", "trace"],
  unfinished: (olds) => olds.phase !== undefined && olds.phase < 3,
  work: async () => work,
});
