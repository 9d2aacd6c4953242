import { z } from "zod";
import { isLocal } from "../../../drivers/ssh/target.js";
import { isFlintError } from "../../../foundation/errors.js";
import { NodeContext } from "../context.js";
import { readImage } from "../image-pointer.js";
import { type NodeOutputs, PHASES } from "../outputs.js";
import { readRegistration } from "../registration.js";
import { bootScriptKind, NO_IMAGE } from "../render/boot-script.js";
import { inputsSchema, storedSchema } from "../schema.js";
import { whoAnswers } from "../wire/answers.js";
import type { Answer, Diagnosis, Facts, Sight } from "../wire/causes.js";
import { askBmc, askOtherServers, type BmcFacts } from "../wire/closer-look.js";
import { diagnose } from "../wire/diagnose.js";
import { diagnoseStart } from "../wire/diagnose-start.js";
import { NOTHING_SEEN, see } from "../wire/sightings.js";
import type { HostLogs, Timed } from "./parse-logs.js";
import { readLogs } from "./read-logs.js";
import { type TimelineEntry, timelineOf } from "./timeline.js";

/** What is needed of a machine to find out why it does not come. */
export const patientSchema = storedSchema.extend({
  firmware: inputsSchema.shape.firmware,
  networkBoot: inputsSchema.shape.networkBoot,
  /** How far the last `up` came with it; absent before it touched the machine. */
  phase: z.enum(PHASES).optional().catch(undefined),
});
export type Patient = z.infer<typeof patientSchema>;

/** All that the doctor saw of one machine, and what it means. */
export interface Examination {
  node: Pick<Patient, "name" | "mac" | "firmware"> & { address: string; host: string };
  bmc: BmcFacts;
  answer: Answer | undefined;
  /** As the record on the provisioning host says: how far an attempt came, and since when. */
  record: { phase: string; at?: number } | undefined;
  bootScript: ReturnType<typeof bootScriptKind>;
  timeline: TimelineEntry[];
  /** Absent where the machine is as it should be. */
  diagnosis?: Diagnosis;
}

/** A machine of which the beginning is not known is looked at for so long back. */
const DAY = 86_400_000;

/**
 * Looks at one machine from all sides, and changes nothing.
 * @throws FlintError when the provisioning host does not answer: nothing could be said without it.
 */
export async function examine(want: Patient, signal: AbortSignal): Promise<Examination> {
  const node = new NodeContext(want, readOnly(signal));
  const host = await node.host();
  const [registration, logs, image, bmc] = await Promise.all([
    readRegistration(host, want),
    readLogs(node),
    readImage(node).catch(unlessMissing),
    askBmc(node),
  ]);
  const { record } = registration;
  const installer = record === undefined ? undefined : node.installerTarget(record);
  const answer = await whoAnswers(signal, { installer, system: node.systemTarget() });
  const installed = record?.phase === "installed" || record?.phase === "ready";
  // The record is written when an attempt begins, and again when it has come further.
  const events = since(logs, record?.phase === "booting" ? logs.recordAt : logs.now - DAY);
  const { arch, ...pointer } = image ?? { ...NO_IMAGE, arch: undefined };
  const watch = {
    node: want.name,
    mac: want.mac,
    address: want.addresses.provisioning,
    image: pointer,
    firmware: want.firmware,
    networkBoot: want.networkBoot,
    processor: arch,
    externalDhcp: want.pxe.externalDhcp,
  };
  const sights: Sight[] = events.map(({ event }) => event);
  if (answer !== undefined) sights.push({ kind: "answer", answer });
  const seen = sights.reduce((before, sight) => see(watch, before, sight), NOTHING_SEEN);
  // An open attempt waits for its installer: an installed system that answers instead has started from the disk.
  const fine = answer === (record === undefined || installed ? "system" : "installer");
  const facts: Facts = {
    ...bmc,
    ...overrideTaken(want, bmc),
    ...(fine || installed ? {} : await askOtherServers(node, seen.cause)),
  };
  return {
    node: {
      name: want.name,
      mac: want.mac,
      firmware: want.firmware,
      address: watch.address,
      host: isLocal(want.host) ? "this machine" : want.host.host,
    },
    bmc,
    answer,
    record: record === undefined ? undefined : { phase: record.phase, ...at(logs) },
    bootScript: bootScriptKind(registration.bootScript),
    timeline: timelineOf(events),
    ...(fine
      ? {}
      : { diagnosis: installed ? diagnoseStart({ mac: want.mac, seen, facts }) : diagnose({ watch, seen, facts }) }),
  };
}

/** The last `up` ended while it waited for a machine that it had switched on: after its BMC had shown the boot source that it took. */
function overrideTaken({ phase }: Patient, { bootOverride }: BmcFacts): Pick<Facts, "overrideTaken"> {
  return phase === "powered-on" && bootOverride !== undefined ? { overrideTaken: true } : {};
}

const at = ({ recordAt }: HostLogs) => (recordAt === undefined ? {} : { at: recordAt });

/** dnsmasq tells whole seconds. */
function since({ events }: HostLogs, from: number | undefined): Timed[] {
  return from === undefined ? events : events.filter((each) => each.at >= from - 1000);
}

function unlessMissing(error: unknown): undefined {
  if (!isFlintError(error, "IMAGE_MISSING")) throw error;
  return undefined;
}

/** The doctor is no operation of the engine: it has nobody to show a line to, and nothing to keep. */
function readOnly(signal: AbortSignal): NodeContext<Patient>["run"] {
  const nothing = () => {};
  return {
    operation: "read",
    signal,
    before: undefined as Partial<NodeOutputs> | undefined,
    say: nothing,
    info: nothing,
    warn: nothing,
    record: nothing,
  };
}
