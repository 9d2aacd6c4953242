import { z } from "zod";
import type { RaftService } from "../../drivers/raft/driver.js";
import { FlintError } from "../../foundation/errors.js";
import { previewReplacement } from "../membership/preview.js";
import { noteReplaced } from "../membership/replaced.js";
import type { Properties } from "../runtime/lifecycle.js";
import { openProgress } from "../runtime/progress.js";
import { withShared } from "../runtime/shared.js";
import { inputsSchema } from "./schema.js";

/** What of a machine's inputs leads to its raft groups; the operator's certificate is the provider's. */
const voterSchema = inputsSchema
  .pick({ self: true, cluster: true, name: true, raft: true, ca: true })
  .extend({ clientCert: z.string(), clientKey: z.string() });
type Voter = z.infer<typeof voterSchema>;

/**
 * Says what another machine in this one's place does to the quorum of the services in which it votes. Reads only.
 * @throws FlintError `LAST_VOTER`: the data would be gone with the machine, and no plan of ours can bring it back.
 */
export async function announceReplacement(news: Properties): Promise<void> {
  noteReplaced(String(news.cluster));
  const parsed = voterSchema.safeParse(withShared(["ca", "clientCert", "clientKey"], news));
  if (!parsed.success) return;
  const want = parsed.data;
  const { raft } = want;
  if (raft === undefined) return;
  const services = ["chainfire", "flaredb"] as const;
  const told = await Promise.all(
    services.map((service) => previewReplacement(endpointsOf(want, raft, service), want.name)),
  );
  for (const each of told) if (each !== undefined) openProgress(want.self).info(each.text);
  const last = services.find((_, i) => told[i]?.lastVoter === true);
  if (last !== undefined) throw lastVoter(want.name, last);
}

function endpointsOf(want: Voter, raft: NonNullable<Voter["raft"]>, service: RaftService) {
  const { cluster, ca, clientCert, clientKey } = want;
  return { cluster, service, urls: raft[service], ca, clientCert, clientKey };
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
