import { probeHealth } from "../drivers/health/probe.js";
import { waitUntil } from "../foundation/wait.js";

/** An emulated or busy machine takes seconds for a TLS handshake. */
const PROBE_MS = 15_000;

/** Services of one node. */
export interface AwaitedServices {
  node: string;
  /** Service → URL; none: nothing to wait for. */
  urls: Record<string, string>;
  ca: string;
  deadlineMs: number;
  /** Asked after each look that found one ill: true ends the wait. Default: never. */
  giveWay?: () => Promise<boolean>;
}

/**
 * Waits until services of one node answer their health endpoint with 200, or it gives way.
 * @throws FlintError SERVICE_UNHEALTHY naming those that do not, with what they answered last.
 */
export async function awaitServices(
  { node, urls, ca, deadlineMs, giveWay }: AwaitedServices,
  run: { say: (text: string) => void; signal: AbortSignal },
): Promise<void> {
  const services = Object.entries(urls);
  if (services.length === 0) return;
  const names = services.map(([name]) => name);
  const setUp = names.includes("iam") ? " -u iam-initial-setup" : "";
  let last = "";
  await waitUntil(
    async (signal) => {
      const answers = await Promise.all(
        services.map(async ([name, url]) => ({
          name,
          detail: (await probeHealth(url, { ca, deadlineMs: PROBE_MS, signal })).detail,
        })),
      );
      const ill = answers.filter(({ detail }) => detail !== "200");
      last = ill.map(({ name, detail }) => `${name} answers ${detail}`).join(", ");
      if (last !== "") run.say(`waiting: ${last}`);
      return last === "" || (await giveWay?.()) === true || undefined;
    },
    {
      reason: `${names.join(", ")} on ${node} to be healthy`,
      subject: `${node}, ${names.join(", ")}`,
      code: "SERVICE_UNHEALTHY",
      deadlineMs,
      intervalMs: 1000,
      maxIntervalMs: 5000,
      signal: run.signal,
      lastSeen: () => last,
      remedy: `See \`journalctl ${names.map((name) => `-u ${name}`).join(" ")}${setUp}\` on ${node}.`,
    },
  );
}
