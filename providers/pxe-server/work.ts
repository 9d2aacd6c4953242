import type { SshSession } from "../../drivers/ssh/target.js";
import { inSharedPhase } from "../phases.js";
import { connections } from "../runtime/connections.js";
import { noteWarned } from "../runtime/found-changes.js";
import type { Run } from "../runtime/lifecycle.js";
import { settingUp } from "./at-work.js";
import { readCandidates } from "./candidates.js";
import { askForOffers, refuseSecondServer, tellSecondServer } from "./dhcp-neighbours.js";
import { hidesOffers } from "./firewall/refusal.js";
import { observe } from "./observe.js";
import { type Candidate, tellCandidates } from "./parse-candidates.js";
import { perform, removeServer } from "./perform.js";
import {
  copies,
  describe,
  duePath,
  type Observation,
  optionalCopies,
  planPxe,
  traitsOf,
  watchedFiles,
} from "./plan.js";
import { refusal } from "./plan-refusals.js";
import { portOf } from "./render/nginx.js";
import type { PxeInputs, PxeOutputs } from "./schema.js";
import { verifyServed } from "./verify.js";

interface Sight {
  host: SshSession;
  seen: Observation;
}

async function look(want: PxeInputs, run: Run<PxeOutputs>): Promise<Sight> {
  const host = await connections.get(want.host, { signal: run.signal });
  const question = {
    interface: want.interface,
    prefix: `flint-${want.cluster}`,
    port: portOf(want.httpUrl),
    due: duePath(want.cluster),
    files: watchedFiles(want.cluster),
  };
  return { host, seen: await observe(host, question, run.signal) };
}

/** Brings the host to serving what is declared. Safe to repeat from any line. */
export function converge(want: PxeInputs, run: Run<PxeOutputs>): Promise<PxeOutputs> {
  return settingUp(want.httpUrl, () => setUp(want, run)).catch((error: unknown) => {
    throw inSharedPhase("preparation", error);
  });
}

export function unbegun(error: unknown, _: PxeInputs, { operation }: Pick<Run<PxeOutputs>, "operation">): unknown {
  return inSharedPhase(operation === "delete" ? "removal" : "preparation", error);
}

async function setUp(want: PxeInputs, run: Run<PxeOutputs>): Promise<PxeOutputs> {
  run.say(`looking at the ${want.host.name}`);
  const { host, seen } = await look(want, run);
  const refused = refusal(want, seen);
  if (refused !== undefined) throw refused;
  const steps = planPxe(want, seen);
  // Whenever a DHCP server of ours is about to start, perhaps in another mode; its own answers never come back here.
  if (steps.some((step) => (step.kind === "start" || step.kind === "restart") && step.service === "dnsmasq"))
    await askNeighbours(host, want, seen, run);
  if (steps.length > 0) {
    run.record({ drift: steps.map(describe) });
    run.say(`writing ${steps.length === 1 ? "1 change" : `${steps.length} changes`}, testing, starting`);
    await perform(host, want, steps, run.signal);
  }
  run.say("fetching every boot file as machines do");
  tellUnanswered(await verifyServed(host, want, seen, run.signal), want, run);
  return outputs(want, seen, [], await offerCandidates({ host, seen }, want, run));
}

/** A machine's way may differ from ours: that is worth a word, and no failure. */
function tellUnanswered(urls: readonly string[], { address }: PxeInputs, run: Run<PxeOutputs>): void {
  if (urls.length === 0) return;
  const tftpOnly = urls.every((url) => url.startsWith("tftp:"));
  if (!tftpOnly) {
    run.info(`Boot files were fetched on the host itself only: ${address} does not answer here by HTTP.`);
    return;
  }
  run.warn(
    `${address} answers here by HTTP, but not by TFTP (${urls.join(", ")}): a firewall is between, or on this machine. Machines need UDP 69, and the answers from other ports.`,
  );
}

async function askNeighbours(
  host: SshSession,
  want: PxeInputs,
  { firewall }: Observation,
  run: Run<PxeOutputs>,
): Promise<void> {
  if (want.dhcp.relay === true) return; // who answers in the host's own network is nobody's business
  run.say(`asking ${want.interface} for other DHCP servers`);
  const offers = await askForOffers(host, want.interface, run.signal);
  const hidden = hidesOffers(want, firewall);
  if (offers === undefined || (offers.length === 0 && hidden !== undefined)) {
    const why =
      hidden === undefined ? "perl and UDP port 68 are needed" : `${hidden} hides their answers to UDP port 68`;
    run.warn(`Could not ask ${want.interface} for other DHCP servers (${why}): make sure of it.`);
  } else if (want.dhcp.mode === "full") refuseSecondServer(want, offers);
  else if (offers.length === 0) {
    run.warn(
      `No DHCP server gives out addresses on ${want.cidr}: mode ${want.dhcp.mode} needs one, or set pxe.dhcp.mode: full.`,
    );
  }
}

export async function read(want: PxeInputs, run: Run<PxeOutputs>): Promise<PxeOutputs | undefined> {
  const asked = secondServer(want, run);
  asked.catch(() => {}); // awaited below
  const { host, seen } = await look(want, run);
  const sources = new Set([...copies(want.cluster), ...optionalCopies(want.cluster)].flatMap(({ from }) => from));
  const nothingOfOurs =
    seen.units.dnsmasq === undefined &&
    seen.units.nginx === undefined &&
    [...seen.files.keys()].every((path) => sources.has(path));
  if (nothingOfOurs) return undefined;
  const drift = planPxe(want, seen).map(describe);
  // No file or unit of ours is in the way: `pulumi up` cannot mend that, only say it again.
  const refused = refusal(want, seen);
  const mends = refused === undefined ? " The next `pulumi up` puts it right." : "";
  if (drift.length > 0) {
    run.warn(`${want.host.name}: ${drift.join("; ")}.${mends}`);
    noteWarned(want.self, drift);
  }
  if (refused !== undefined) run.warn(refused.message);
  const [candidates, second] = await Promise.all([offerCandidates({ host, seen }, want, run), asked]);
  if (second !== undefined) run.warn(second);
  return outputs(want, seen, drift, candidates);
}

/** A server that was not there when Flint's was started: `pulumi up` can only say it again. */
async function secondServer(want: PxeInputs, run: Run<PxeOutputs>): Promise<string | undefined> {
  // In the other modes there must be one; behind a relay the host's own network is nobody's business.
  if (want.dhcp.mode !== "full" || want.dhcp.relay === true) return undefined;
  const host = await connections.get(want.host, { signal: run.signal });
  return tellSecondServer(want, (await askForOffers(host, want.interface, run.signal)) ?? []);
}

/** Offers the machines that asked to boot and that nobody declared. */
async function offerCandidates({ host, seen }: Sight, want: PxeInputs, run: Run<PxeOutputs>): Promise<Candidate[]> {
  const candidates = await readCandidates(host, want.cluster, run.signal);
  const arm = candidates.filter(({ architecture }) => architecture === "arm64").map(({ mac }) => mac);
  if (arm.length > 0 && traitsOf(seen, want.cluster).arm64 !== true) run.warn(tellMissingArm64(want, arm));
  const text = tellCandidates(want.cidr, candidates);
  if (text !== undefined) run.info(text);
  return candidates;
}

function tellMissingArm64(want: PxeInputs, macs: readonly string[]): string {
  const [is, machines] = macs.length === 1 ? ["is", "a 64-bit ARM machine"] : ["are", "64-bit ARM machines"];
  const from = optionalCopies(want.cluster)[0]?.from[0] ?? "";
  return `${macs.join(", ")} ${is} ${machines}, for which the ${want.host.name} has no iPXE: put it there as ${from} (the package ipxe of Debian 13 and of Ubuntu 22.04 has it), then run \`pulumi refresh\` and \`pulumi up\`.`;
}

function outputs(want: PxeInputs, seen: Observation, drift: string[], candidates: Candidate[]): PxeOutputs {
  return {
    bootUrl: `${want.httpUrl}/boot.ipxe`,
    dnsmasq: seen.versions.dnsmasq ?? "unknown",
    nginx: seen.versions.nginx ?? "unknown",
    drift,
    candidates,
  };
}

export async function remove(want: PxeInputs, run: Run<PxeOutputs>): Promise<void> {
  try {
    const host = await connections.get(want.host, { signal: run.signal });
    await removeServer(host, want.cluster, run.signal);
  } catch (error) {
    throw inSharedPhase("removal", error);
  }
}
