import type { Member, Membership } from "../../../drivers/raft/driver.js";
import type { Desired, Plan, Step, Wish } from "../../../providers/membership/step.js";

export const address = (id: string) => `10.0.200.${9 + Number(id.slice(-1))}:2380`;

export const member = (id: string, differences: Partial<Member> = {}): Member => ({
  id,
  raft_addr: address(id),
  role: "follower",
  healthy: true,
  ...differences,
});

/**
 * A membership in one line: "1* 2 3- 4l" is node01 leading, node02, node03 not healthy, node04 learning. A leader is the
 * one with the star; nothing else is said of anyone.
 */
export function cluster(text: string, more: Partial<Membership> = {}): Membership {
  const members = text
    .split(" ")
    .filter((word) => word !== "")
    .map((word) =>
      member(`node0${word[0]}`, {
        role: word.includes("*") ? "leader" : word.includes("l") ? "learner" : "follower",
        healthy: !word.includes("-"),
      }),
    );
  const leader = members.find(({ role }) => role === "leader")?.id;
  return { ...(leader === undefined ? {} : { leader }), members, ...more };
}

export const wish = (id: string, more: Partial<Wish> = {}): Wish => ({ id, raftAddr: address(id), ...more });

export const desired = (more: Partial<Desired>): Desired => ({
  cluster: "dev",
  service: "chainfire",
  join: [],
  leave: [],
  ...more,
});

/** "add node04: it joins the running cluster". */
export function shown(step: Step): string {
  const what = "id" in step ? ` ${step.id}` : step.do === "transfer" ? ` to ${step.to}` : "";
  return `${step.do}${what}: ${step.reason}`;
}

/** A plan's steps as lines, or its refusal's message. */
export function outcome(planned: Plan): string[] {
  return "refused" in planned ? [`refused: ${planned.refused.message}`] : planned.steps.map(shown);
}
