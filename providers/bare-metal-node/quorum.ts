import type { Membership } from "../../drivers/raft/driver.js";
import { FlintError } from "../../foundation/errors.js";
import { isHealthy, listed, majorityOf, votersOf } from "../membership/quorum.js";

/**
 * May this member be restarted now? Only if the other healthy voters are still a majority; or, for the seconds that its
 * services alone take, if all two of two are healthy: they can never spare one, and certificates must be renewed.
 * @returns what the user is told of a pause, if there is one.
 * @throws FlintError `QUORUM_AT_RISK` with the arithmetic.
 */
export function refuseLosingQuorum(
  service: string,
  member: string,
  membership: Membership,
  what: Restart = "machine",
): string | undefined {
  const voters = votersOf(membership);
  if (!voters.some((each) => each.id === member)) return undefined;
  const majority = majorityOf(voters.length);
  const others = voters.filter((each) => each.id !== member && isHealthy(each)).map((each) => each.id);
  if (voters.length === 1 || others.length >= majority) return undefined;
  const both = voters.length === 2 && voters.every(isHealthy);
  if (both && what === "services")
    return `${member}, ${service}: two voters can spare none; it pauses for this restart.`;
  throw new FlintError("QUORUM_AT_RISK", {
    subject: `${member}, ${service}`,
    expected: `${majority} of ${voters.length} voters to stay healthy while it restarts`,
    found: `only ${others.length} without it (${listed(others)})`,
    remedy: both ? spareNone(member) : WAIT,
  });
}

/** What is restarted: the whole machine takes minutes, its services take seconds. */
export type Restart = "machine" | "services";

const WAIT = "Bring the other members back first, then run `pulumi up` again. Nothing was restarted.";

/** Two voters never can spare one; whoever restarts one by hand has consented to the pause. */
function spareNone(member: string): string {
  return (
    "Two voters can never spare one: add a third control-plane node. Or, when a pause of the services does no harm, " +
    `restart ${member} by hand (\`systemctl reboot\`) and run \`pulumi up\` again. Nothing was restarted, and no data is lost by a restart.`
  );
}

/** A machine that has voted is not restarted on the strength of silence: it may be one of the last that hold the data. */
export function refuseWithoutAnswer(service: string, member: string, cause?: unknown): FlintError {
  return new FlintError("QUORUM_UNKNOWN", {
    subject: `${member}, ${service}`,
    expected: "a leader to say who is healthy before it restarts",
    found: "no member that knows of one, although it has voted before",
    remedy:
      `Bring the members of ${service} back (\`systemctl status ${service}\` on each), then run \`pulumi up\` again; ` +
      "or, if a restart is what brings this one back, restart it by hand. Nothing was restarted.",
    cause,
  });
}

/** Nor is it let go on that: whoever is left may be too few to go on. */
export function refuseLettingGo(service: string, member: string): FlintError {
  return new FlintError("QUORUM_UNKNOWN", {
    subject: `${member}, ${service}`,
    expected: "a leader to say who goes on without it",
    found: "no answer from any member, although it has voted before",
    remedy:
      `Bring the members of ${service} back (\`systemctl status ${service}\` on each), then run the same command again. ` +
      "Nothing was changed.",
  });
}

/** Nor in a run that is told of this machine alone: whoever would be asked is not declared in it. */
export function refuseTargeted(member: string): FlintError {
  return new FlintError("QUORUM_UNKNOWN", {
    subject: member,
    expected: "a voter that stays, to say who goes on without it",
    found: "that `--target` names this machine, and none that stays",
    remedy:
      `Take ${member} out of the stack file and run \`pulumi up\` without \`--target\`, or with another one for the machine of a ` +
      "voter that stays. To end the whole cluster, target its ClusterComponent. Nothing was done to it.",
  });
}
