import { z } from "zod";
import type { RaftService } from "../../drivers/raft/driver.js";
import { FlintError } from "../../foundation/errors.js";
import { previewReplacement } from "../membership/preview.js";
import { noteReplaced, noteResumed, replacedVoters } from "../membership/replaced.js";
import type { Properties } from "../runtime/lifecycle.js";
import { tell } from "../runtime/progress.js";
import { withShared } from "../runtime/shared.js";
import { installationBegun } from "./begun.js";
import { generationOf } from "./refused-changes.js";
import { inputsSchema } from "./schema.js";

/** What of a machine's inputs leads to its raft groups; the operator's certificate is the provider's. */
const voterSchema = inputsSchema
  .pick({ self: true, cluster: true, name: true, raft: true, ca: true })
  .extend({ clientCert: z.string(), clientKey: z.string() });
type Voter = z.infer<typeof voterSchema>;

/**
 * Says what another machine in this one's place does to the quorum of the services in which it votes. Reads only.
 * @throws FlintError `LAST_VOTER`: the data would be gone with the machine, and no plan of ours can bring it back;
 * `REPLACE_ONE_BY_ONE`: with two voters out at a time what is left may be less than a quorum, or nothing;
 * `BOOTSTRAP_ALONE`: nobody else is known through whom it could join again.
 */
export async function announceReplacement(olds: Properties, news: Properties): Promise<void> {
  const parsed = voterSchema.safeParse(withShared(["ca", "clientCert", "clientKey"], news));
  if (!parsed.success || parsed.data.raft === undefined) {
    const [cluster, name] = [String(news.cluster), String(news.name)];
    noteReplaced(cluster, name, false);
    if (await installationBegun(olds, news)) {
      noteResumed(cluster, name);
      tell(selfOf(news), `${name}: the installation that was begun goes on.`);
    } else {
      const anew = tellAnew(olds, news);
      if (anew !== undefined) tell(selfOf(news), anew);
    }
    return;
  }
  const want = parsed.data;
  const { raft } = parsed.data;
  const other = replacedVoters(want.cluster).find((each) => each !== want.name);
  if (other === undefined) noteReplaced(want.cluster, want.name, true);
  if (other !== undefined) throw oneByOne(want.name, other);
  if (await installationBegun(olds, news)) {
    noteResumed(want.cluster, want.name);
    tell(want.self, `${want.name} has left the cluster for this: the installation that was begun goes on.`);
    return;
  }
  const services = ["chainfire", "flaredb"] as const;
  const told = await Promise.all(
    services.map((service) => previewReplacement(endpointsOf(want, raft, service), want.name)),
  );
  for (const each of told) if (each !== undefined) tell(want.self, each.text);
  const last = services.find((_, i) => told[i]?.lastVoter === true);
  if (last !== undefined) throw lastVoter(want.name, last);
  if (told.some((each) => each !== undefined) && Object.keys(raft.chainfire).every((id) => id === want.name))
    throw bootstrapAlone(want.name);
}

/** What a raised generation does to a machine that does not vote; of a voter its services are asked. Pure. */
export function tellAnew(olds: Properties, news: Properties): string | undefined {
  const [before, after] = [generationOf(olds.disk), generationOf(news.disk)];
  if (news.raft !== undefined || olds.mac !== news.mac || after === undefined || after === before) return undefined;
  return `${String(news.name)}: generation ${after}: it is let go as its onDelete says (${String(olds.onDelete)}), and installed anew: its disk is formatted. It does not vote: no quorum is asked.`;
}

function selfOf({ self }: Properties): string | undefined {
  return typeof self === "string" ? self : undefined;
}

function endpointsOf(want: Voter, raft: NonNullable<Voter["raft"]>, service: RaftService) {
  const { cluster, ca, clientCert, clientKey } = want;
  return { cluster, service, urls: raft[service], ca, clientCert, clientKey };
}

function oneByOne(node: string, other: string): FlintError {
  return new FlintError("REPLACE_ONE_BY_ONE", {
    subject: node,
    expected: "one voter at a time to be replaced",
    found: `${other} is replaced in the same run`,
    remedy: `Change ${node} back, run \`pulumi up\` for ${other}, and replace ${node} when that one votes again.`,
  });
}

function bootstrapAlone(node: string): FlintError {
  return new FlintError("BOOTSTRAP_ALONE", {
    subject: node,
    expected: "another machine with bootstrap: true, through which it joins again",
    found: `${node} is the only one`,
    remedy: "Set bootstrap: true on another voter, run `pulumi up`, and replace this one then. Nothing was changed.",
  });
}

function lastVoter(node: string, service: string): FlintError {
  return new FlintError("LAST_VOTER", {
    subject: `${node}, ${service}`,
    expected: "another voter that keeps the data while the machine is replaced",
    found: `${node} alone`,
    remedy:
      "Add a control-plane node first, and replace this one when the other votes. To give the data up, destroy the cluster. Nothing was changed.",
  });
}
