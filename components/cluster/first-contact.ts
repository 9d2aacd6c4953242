import * as pulumi from "@pulumi/pulumi";
import { isKnown } from "./known-output.js";
import type { BmcAccess } from "./sources.js";

type Redfish = Extract<BmcAccess, { type: "redfish" }>;

/** A preview waits no longer for a BMC; all are asked at once. */
const DEADLINE_MS = 2_000;
/** Nobody compares more fingerprints than this before the first `up`; the others are told of in the next preview. */
const AT_MOST = 32;

/**
 * Shows in a preview the fingerprint of each BMC of a machine that is about to be created, where its certificate is verified
 * by nothing that is declared: somebody can compare it before `up`, which refuses it. Nothing is accepted here.
 */
export class FirstContact {
  private readonly asked = new Set<string>();

  /**
   * Looks at a machine's BMC, if the machine is new.
   * @param ofNew An output that its creation makes: unknown as long as there is none.
   */
  meet(machine: pulumi.Resource, ofNew: pulumi.Output<unknown>, access: BmcAccess | undefined): void {
    // A pinned certificate was compared already.
    if (!pulumi.runtime.isDryRun() || access?.type !== "redfish" || access.fingerprint !== undefined) return;
    // The program has nothing else to do any more: without this it would leave before the answer.
    const done = pulumi.runtime.rpcKeepAlive();
    void this.introduce(machine, ofNew, access).finally(done);
  }

  private async introduce(
    machine: pulumi.Resource,
    ofNew: pulumi.Output<unknown>,
    { url, ca }: Redfish,
  ): Promise<void> {
    if (await isKnown(ofNew)) return;
    // One BMC may serve several machines.
    if (this.asked.has(url) || this.asked.size >= AT_MOST) return;
    this.asked.add(url);
    const { lookAtCertificate } = await import("../../drivers/bmc/redfish/first-contact.js");
    const seen = await lookAtCertificate(url, { deadlineMs: DEADLINE_MS, ...(ca === undefined ? {} : { ca }) });
    if (seen === undefined || seen.verified) return;
    await pulumi.log.warn(introduction(url, seen), machine);
  }
}

function introduction(url: string, { fingerprint, reason }: { fingerprint: string; reason: string }): string {
  return (
    `The BMC at ${url} is not known: nothing that is declared verifies its certificate (${reason}). Compare the fingerprint ` +
    "below with the BMC's own page, then add this line to the machine's bmc; `pulumi up` refuses it until then.\n" +
    `fingerprint: ${fingerprint}`
  );
}
