import { readdirSync } from "node:fs";
import type { Status } from "../../../lab/simulated/schema.js";
import type { RackEvent } from "../rack-events.js";
import { workOn } from "../robust/counts.js";
import { type Change, MACHINES, RAFT_SERVICES } from "./changes.js";

/** What a change has done to a machine's disk, and what runs. */
export function judgeMachine(name: string, change: Change, before: Status, after: Status): string[] {
  const { formatted, installed } = workOn(before, after, name);
  const expected = change.formats.includes(name) ? 1 : 0;
  const runs = after.machines[name]?.runs ?? null;
  const found = [];
  if (formatted !== expected) found.push(`${name}: its disk was formatted ${formatted} times, not ${expected}`);
  if (installed !== expected) found.push(`${name}: it was installed ${installed} times, not ${expected}`);
  if ((runs === "system") !== change.run.includes(name)) found.push(`${name}: it runs ${runs ?? "nothing"}`);
  return found;
}

/** How often disks were wiped since the change was declared: each for its machine's being let go, and to its end. */
export function judgeWipes({ wipes = [], run }: Change, events: readonly RackEvent[], { machines }: Status): string[] {
  return MACHINES.flatMap((name) => {
    const times = events.filter(({ event, machine }) => event === "erase" && machine === name).length;
    const expected = wipes.includes(name) ? 1 : 0;
    const found = [];
    if (times !== expected) found.push(`${name}: its disk was wiped ${times} times, not ${expected}`);
    if (expected === 1 && !run.includes(name) && machines[name]?.mark !== null)
      found.push(`${name}: its disk still has partitions`);
    return found;
  });
}

/** What the rack says must not happen. Whoever destroys a cluster wipes members: it ends with them, and nobody counts on them. */
export function judgeViolations({ declare }: Change, before: Status, after: Status): string[] {
  const since = after.violations.slice(before.violations.length);
  return declare === undefined ? since.filter((each) => !/ was wiped while it was a member of /.test(each)) : since;
}

/** How often members were added, removed, and clusters founded, since the change was declared. */
export function judgeMembers({ founds, joins, leaves }: Change, events: readonly RackEvent[]): string[] {
  const found: string[] = [];
  const compare = (what: string, times: number, expected: number) => {
    if (times !== expected) found.push(`${what} ${times} times, not ${expected}`);
  };
  for (const service of RAFT_SERVICES) {
    const count = (event: string, id?: string) =>
      events.filter((each) => each.event === event && each.service === service && each.id === id).length;
    compare(`${service}: it was founded`, count("founded"), founds ? 1 : 0);
    for (const name of MACHINES) {
      compare(`${service}: ${name} was added`, count("member-added", name), joins.includes(name) ? 1 : 0);
      compare(`${service}: ${name} was removed`, count("member-removed", name), leaves.includes(name) ? 1 : 0);
    }
  }
  return found;
}

/** Who is registered on the provisioning host, and how: the declared machines, finished, and nobody else. */
export function judgeRegistrations({ run }: Change, { files }: Status, macOf: (name: string) => string): string[] {
  const expected = new Map<string, string>();
  for (const name of run) {
    expected.set(`nodes/${name}/record.json`, "ready");
    expected.set(`dnsmasq/hosts.d/${name}`, "");
    expected.set(`http/nodes/${macOf(name).replaceAll(":", "-")}.ipxe`, "disk");
    expected.set(`keys/nodes/${name}.json`, "");
  }
  // Everything else that a cluster keeps there goes with it.
  const perMachine = /^(nodes|dnsmasq\/hosts\.d|http\/nodes|http\/keys|keys\/nodes)\//;
  const there = Object.entries(files).filter(([path]) => perMachine.test(path) || run.length === 0);
  return [
    ...there.flatMap(([path, note]) =>
      expected.get(path) === note ? [] : [`${path}${note === "" ? "" : ` (${note})`} is left on the provisioning host`],
    ),
    ...[...expected.keys()].flatMap((path) => (path in files ? [] : [`${path} is missing on the provisioning host`])),
  ];
}

/** Keys and builds lie in temporary files while they are needed: those of runs that were killed, too, must be gone. */
export function judgeTemporaryFiles(directory: string): string[] {
  const left = readdirSync(directory).filter((name) => name.startsWith("flint-"));
  return left.map((name) => `${name} is left among the temporary files`);
}
