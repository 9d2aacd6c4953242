import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { z } from "zod";
import { waitUntil } from "../../foundation/wait.js";
import { parseTimeline } from "../../providers/bare-metal-node/timeline.js";
import { readSpec } from "../../providers/runtime/spec-text.js";
import { removeAbandonedLocks } from "./abandoned-locks.js";
import { CHECKOUT, run } from "./commands.js";
import { type Sight, sightSchema } from "./gather.js";
import { shortcomings, type Timelines } from "./report.js";
import {
  addKernelParameter,
  giveMachine,
  relabel,
  removeNode,
  setGeneration,
  setOnDelete,
  uncommentNode,
} from "./stack-file.js";
import { readTraces, type Traces } from "./traces.js";
import { askHost, askMachines, type Witness } from "./witness.js";

const MINUTES = 60_000;
const STACK_FILE = path.join(CHECKOUT, "Pulumi.dev.yaml");
const RACK = path.join(CHECKOUT, ".rack/dev");

/** The product's main job on the virtual rack, one method per thing a user does. Used by the demo and by the e2e tests. */
export class MainJob {
  /** `show`: the commands' output goes to the terminal. */
  constructor(private readonly show: boolean) {}

  rackUp(): Promise<string> {
    return run("rack", ["up"], { show: this.show, deadlineMs: 10 * MINUTES });
  }

  rackDown(): Promise<string> {
    return run("rack", ["down"], { show: this.show, deadlineMs: 2 * MINUTES });
  }

  /** A run that was killed leaves its lock. @returns Whether there was one. */
  giveBackLock(): boolean {
    return removeAbandonedLocks(path.join(RACK, "state")) > 0;
  }

  up(): Promise<string> {
    return run("pulumi", ["up", "--yes", "--skip-preview", "--suppress-outputs"], {
      show: this.show,
      deadlineMs: 20 * MINUTES,
    });
  }

  upWithoutChange(): Promise<string> {
    return run("pulumi", ["up", "--yes", "--expect-no-changes"], { show: this.show, deadlineMs: 5 * MINUTES });
  }

  preview(): Promise<string> {
    return run("pulumi", ["preview"], { show: this.show, deadlineMs: 5 * MINUTES });
  }

  destroy(): Promise<string> {
    return run("pulumi", ["destroy", "--yes", "--skip-preview"], { show: this.show, deadlineMs: 15 * MINUTES });
  }

  /** Operation by resource name, of everything that `pulumi preview` would not leave as it is. */
  async plannedChanges(): Promise<Record<string, string>> {
    const json = await run("pulumi", ["preview", "--json"], { show: false, deadlineMs: 5 * MINUTES });
    const { steps } = previewSchema.parse(JSON.parse(json));
    return Object.fromEntries(
      steps.filter((step) => !["same", "read"].includes(step.op)).map((step) => [nameOf(step.urn), step.op]),
    );
  }

  /** The cluster as it is right now, asked from the operator's place in the rack's network. */
  async sight(): Promise<Sight> {
    const outputs = await run("pulumi", ["stack", "output", "--json", "--show-secrets"], {
      show: false,
      deadlineMs: MINUTES,
    });
    const gather = path.join(CHECKOUT, "dist/lab/demo/gather.js");
    const json = await run("rack", ["exec", "--", "node", gather], {
      show: false,
      input: outputs,
      deadlineMs: MINUTES,
    });
    return sightSchema.parse(JSON.parse(json));
  }

  /**
   * The cluster once nothing is missing from it. Emulated machines that share two cores may need a second look, and
   * minutes where others take the cores: what was missing meanwhile is told to `tell`.
   * @throws FlintError CLUSTER_INCOMPLETE with what is still missing after five minutes.
   */
  async wholeSight(voters: string[], tell: (missing: string) => void): Promise<Sight> {
    let missing = "";
    return waitUntil(
      async () => {
        const sight = await this.sight();
        missing = shortcomings(sight, voters).join("; ");
        if (missing !== "") tell(missing);
        return missing === "" && sight;
      },
      {
        reason: "the whole cluster to answer",
        subject: "the cluster",
        code: "CLUSTER_INCOMPLETE",
        deadlineMs: 5 * MINUTES,
        intervalMs: 5000,
        lastSeen: () => missing,
        remedy: "See `npm run rack -- ssh NODE -- journalctl -b` of the machines named.",
      },
    );
  }

  /** Seconds until each phase of its installation was reached, by machine, as the state keeps it. */
  async timelines(): Promise<Timelines> {
    const json = await run("pulumi", ["stack", "export"], { show: false, deadlineMs: MINUTES });
    const { resources } = exportSchema.parse(JSON.parse(json)).deployment;
    const machines = resources.filter((resource) => resource.type.endsWith(":BareMetalNode"));
    return Object.fromEntries(
      machines.map((each) => [
        nameOf(each.urn),
        parseTimeline(machineSchema.parse(readSpec(each.outputs ?? {})).timeline),
      ]),
    );
  }

  /** Machines' own word on their boot, system and logins. */
  witnesses(names: readonly string[]): Promise<Record<string, Witness>> {
    return askMachines(names);
  }

  /** Everything that is on the provisioning host. */
  host(): Promise<string[]> {
    return askHost(path.basename(RACK));
  }

  traces(): Promise<Traces> {
    return readTraces(RACK);
  }

  stackFile(): Promise<string> {
    return readFile(STACK_FILE, "utf8");
  }

  writeStackFile(text: string): Promise<void> {
    return writeFile(STACK_FILE, text);
  }

  /** As a user does with an editor: takes the comment signs away. */
  async addNode(name: string): Promise<void> {
    await this.writeStackFile(uncommentNode(await this.stackFile(), name));
  }

  async relabel(name: string, rack: string): Promise<void> {
    await this.writeStackFile(relabel(await this.stackFile(), name, rack));
  }

  async addKernelParameter(name: string, parameter: string): Promise<void> {
    await this.writeStackFile(addKernelParameter(await this.stackFile(), name, parameter));
  }

  async setOnDelete(name: string, policy: "power-off" | "leave" | "wipe"): Promise<void> {
    await this.writeStackFile(setOnDelete(await this.stackFile(), name, policy));
  }

  async removeNode(name: string): Promise<void> {
    await this.writeStackFile(removeNode(await this.stackFile(), name));
  }

  /** Puts another machine of the rack in a node's place. */
  async giveMachine(name: string, machine: number): Promise<void> {
    await this.writeStackFile(giveMachine(await this.stackFile(), name, machine));
  }

  async setGeneration(name: string, generation: number): Promise<void> {
    await this.writeStackFile(setGeneration(await this.stackFile(), name, generation));
  }
}

const previewSchema = z.object({ steps: z.array(z.object({ op: z.string(), urn: z.string() })) });
const exportSchema = z.object({
  deployment: z.object({
    resources: z.array(
      z.object({ urn: z.string(), type: z.string(), outputs: z.record(z.string(), z.unknown()).optional() }),
    ),
  }),
});
const machineSchema = z.object({ timeline: z.string() });

function nameOf(urn: string): string {
  return urn.split("::").at(-1) ?? urn;
}
