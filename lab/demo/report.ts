import type { Sight } from "./gather.js";
import { table } from "./table.js";

/** Seconds until each phase was reached, by node. */
export type Timelines = Record<string, Record<string, number>>;

const TITLES: Record<string, string> = {
  chainfire: "Chainfire",
  flaredb: "FlareDB",
  iam: "IAM",
  plasmavmc: "PlasmaVMC",
};

/** What is missing from a whole cluster of `voters`; empty when all is true. Pure. */
export function shortcomings(sight: Sight, voters: string[]): string[] {
  const found: string[] = [];
  for (const raft of sight.raft) {
    const title = TITLES[raft.service] ?? raft.service;
    const voting = raft.members.filter((member) => member.role !== "learner").map((member) => member.id);
    const missing = voters.filter((id) => !voting.includes(id));
    const extra = voting.filter((id) => !voters.includes(id));
    if (missing.length > 0) found.push(`${title}: ${missing.join(", ")} not voting`);
    if (extra.length > 0) found.push(`${title}: ${extra.join(", ")} votes but is not declared`);
    if (!voting.includes(raft.leader)) found.push(`${title}: no leader`);
    if (raft.writtenOn === "nowhere") found.push(`${title}: a key could not be written`);
    for (const [id, came] of Object.entries(raft.readBack)) {
      if (!came) found.push(`${title}: the key did not come back from ${id}`);
    }
  }
  for (const [service, nodes] of Object.entries(sight.health)) {
    for (const [node, answer] of Object.entries(nodes)) {
      if (answer !== "200") found.push(`${TITLES[service] ?? service} on ${node} answers ${answer}`);
    }
  }
  return found;
}

/** Members, leaders, health, replication: what the user came for. */
export function renderSight(sight: Sight): string {
  const nodes = [...new Set(Object.values(sight.health).flatMap((answers) => Object.keys(answers)))].sort();
  const services = Object.keys(sight.health);
  const health = table(
    ["node", ...services.map((service) => TITLES[service] ?? service)],
    nodes.map((node) => [node, ...services.map((service) => mark(sight.health[service]?.[node]))]),
  );
  const raft = table(
    ["service", "members", "leader", "key written on", "read back on"],
    sight.raft.map((each) => [
      TITLES[each.service] ?? each.service,
      each.members.map((member) => (member.role === "learner" ? `${member.id} (learner)` : member.id)).join(" "),
      each.leader,
      each.writtenOn,
      Object.entries(each.readBack)
        .map(([id, came]) => `${came ? "✓" : "✗"} ${id}`)
        .join("  "),
    ]),
  );
  return `${raft}\n\n${health}`;
}

function mark(answer: string | undefined): string {
  if (answer === undefined) return "–";
  return answer === "200" ? "✓ 200" : `✗ ${answer}`;
}

/** The points of a node's way that a user wants to see, in their order. */
const PHASES: [key: string, title: string][] = [
  ["powered-on", "powered on"],
  ["dhcp", "DHCP"],
  ["firmware-loaded", "boot file"],
  ["ipxe", "iPXE"],
  ["kernel", "kernel"],
  ["initrd", "initrd"],
  ["loaded", "loaded"],
  ["installer-up", "installer up"],
  ["disk-accepted", "disk accepted"],
  ["installed", "installed"],
  ["rebooted", "rebooted"],
  ["ready", "ready"],
];

/** Seconds from the start of each node's operation until it reached each phase. */
export function renderTimelines(timelines: Timelines): string {
  const nodes = Object.keys(timelines).sort();
  const rows = PHASES.filter(([key]) => nodes.some((node) => timelines[node]?.[key] !== undefined)).map(
    ([key, title]) => [title, ...nodes.map((node) => timelines[node]?.[key]?.toFixed(1) ?? "")],
  );
  return table(["seconds until", ...nodes], rows);
}
