import { probeHealth } from "../../drivers/health/probe.js";
import { waitUntil } from "../../foundation/wait.js";
import type { Run } from "../runtime/lifecycle.js";
import type { MemberInputs, MemberOutputs } from "./schema.js";

/** An emulated or busy machine takes seconds for a TLS handshake. */
const PROBE_MS = 15_000;

/**
 * Waits until the services of this node that start after the member are healthy: a node that joins is not up before.
 * @throws FlintError SERVICE_UNHEALTHY naming those that are not, with what they answered last.
 */
export async function awaitDependents(want: MemberInputs, run: Run<MemberOutputs>): Promise<void> {
  const dependents = Object.entries(want.dependents);
  if (dependents.length === 0) return;
  const names = dependents.map(([name]) => name);
  let last = "";
  await waitUntil(
    async () => {
      const answers = await Promise.all(
        dependents.map(async ([name, url]) => ({
          name,
          detail: (await probeHealth(url, { ca: want.ca, deadlineMs: PROBE_MS, signal: run.signal })).detail,
        })),
      );
      const ill = answers.filter(({ detail }) => detail !== "200");
      last = ill.map(({ name, detail }) => `${name} answers ${detail}`).join(", ");
      if (last !== "") run.say(`waiting: ${last}`);
      return last === "" || undefined;
    },
    {
      reason: `${names.join(", ")} on ${want.node} to be healthy`,
      subject: `${want.node}, ${names.join(", ")}`,
      code: "SERVICE_UNHEALTHY",
      deadlineMs: want.deadlines.join * 1000,
      intervalMs: 1000,
      maxIntervalMs: 5000,
      signal: run.signal,
      lastSeen: () => last,
      remedy: `See \`journalctl ${names.map((name) => `-u ${name}`).join(" ")} -u iam-initial-setup\` on ${want.node}.`,
    },
  );
}
