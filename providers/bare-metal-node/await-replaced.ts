import { isFlintError } from "../../foundation/errors.js";
import { waitUntil } from "../../foundation/wait.js";
import { whoIsAway } from "../membership/away.js";
import type { NodeContext } from "./context.js";
import { askQuorum } from "./disruption.js";
import type { Restart } from "./quorum.js";

/**
 * Where a voter that this run takes out and brings back is what the others lack to spare this machine: waits for it. Before
 * the turn is taken, as the one that comes back needs turns, too.
 */
export async function awaitReplaced(node: NodeContext, what: Restart): Promise<void> {
  const { cluster, name, raft, deadlines } = node.want;
  if (raft === undefined) return;
  const others = Object.keys(raft.chainfire).filter((other) => other !== name);
  const missing = () => [
    ...new Set((["chainfire", "flaredb"] as const).flatMap((service) => whoIsAway(cluster, service, others))),
  ];
  const spared = () =>
    askQuorum(node, what).then(
      () => true,
      (error: unknown) => !isFlintError(error, "QUORUM_AT_RISK"),
    );
  if (missing().length === 0 || (await spared())) return;
  await waitUntil(
    async () => {
      const names = missing();
      if (names.length > 0) node.say(`waiting to be restarted until ${names.join(", ")} is back among the voters`);
      return names.length === 0 || undefined;
    },
    {
      reason: `the voters that are replaced to come back before ${name} is restarted`,
      deadlineMs: (deadlines.boot + deadlines.install + deadlines.firstBoot) * 1000,
      intervalMs: 1000,
      maxIntervalMs: 5000,
      signal: node.signal,
      remedy: "",
    },
  ).catch((error: unknown) => {
    if (!isFlintError(error, "WAIT_TIMEOUT")) throw error; // the question of the quorum tells the rest
  });
}
