import type { Stay } from "./engine-events.js";

/** What these runs declare, in seconds: short, so that what does not come is told soon; long enough for thirty machines on two cores. */
const DECLARED = { boot: 60, install: 60, firstBoot: 60, build: 60, join: 60, health: 60 } as const;

/** The same as a declaration has it. */
export const DEADLINES = Object.fromEntries(Object.entries(DECLARED).map(([name, seconds]) => [name, `${seconds}s`]));

/** One question to a BMC, or one change that it is asked for, with all repetitions; also one command over ssh. */
const ONE_CALL = 60;
/** A look that is under way at a deadline may end; two cores have thirty machines to simulate; the engine's clock has whole seconds. */
const LATE = 20;

/** Where a run waits for what is done to other machines: their own waits end. */
const TURN = "turn";

/**
 * What a run says that it is doing → the seconds in which it has to do something else, or to end. Lines of one row, one after the
 * other, are one wait.
 */
const WAITS: readonly [line: RegExp, seconds: number | typeof TURN][] = [
  [/^waiting for (\d+ other|another )|^waiting to be restarted/, TURN],
  [/^$|^looking at the machine|^it is slow to answer|^setting the boot device|^switching it off/, 2 * ONE_CALL],
  [
    /^(powered on|DHCP|waiting for the machine to appear|boot file|iPXE|kernel|initrd|installer starting)/,
    DECLARED.boot,
  ],
  [/^(formatting the disk|copying the system|system$|copying secrets|installing the)/, DECLARED.install],
  [/^(starting from disk|looking at the new system)/, DECLARED.firstBoot],
  [/^restarting|^it has restarted/, DECLARED.firstBoot],
  // A new system has five minutes to be healthy, and as long for its activation and for going back.
  [
    /^switching to the new|^waiting until the new system is healthy|^a switch that was begun|^it does not answer: waiting/,
    600,
  ],
  [/^shutting down/, 150],
  [/^wiping /, 120],
  [/^provisioning host does not answer/, 300],
  // Each look has another line: how long a lock lasts, who does not answer, or by how many entries it is behind.
  [/; its lock expires in \d+ s/, ONE_CALL],
  [/^waiting: /, DECLARED.firstBoot],
  [/^waiting for (Chainfire|FlareDB) \(|^writing and reading back/, DECLARED.join],
  [/^(healthy$|degraded|failed)/, DECLARED.health],
];

/** Every other line: one call, or a deadline that is declared. */
const OTHER = 60;

/** All other lines of a member are one wait: until it votes, or it shows that members have to be changed, and once more in its turn. */
const MEMBER = /^(chainfire|flaredb)-/;
const VOTES = 2 * DECLARED.join;

/** The engine's own containers last as long as what is in them. */
const CONTAINERS = ["sim", "flint-sim"];

/** Every wait that lasted longer than its deadline. */
export function judgeDeadlines(stays: readonly Stay[]): string[] {
  return waitsOf(stays).flatMap(({ resource, op, doing, seconds, within }) =>
    within === TURN || seconds <= within + LATE
      ? []
      : [`${resource}, ${op}: "${doing}" for ${seconds} s, which has to end within ${within} s`],
  );
}

/** Stays of one row, one after the other, taken together under the last one's line. */
function waitsOf(stays: readonly Stay[]): (Stay & { within: number | typeof TURN })[] {
  const waits: (Stay & { within: number | typeof TURN; row: number })[] = [];
  for (const resource of new Set(stays.map((stay) => stay.resource))) {
    if (CONTAINERS.includes(resource)) continue;
    let last: (typeof waits)[number] | undefined;
    for (const stay of stays.filter((each) => each.resource === resource)) {
      const row = WAITS.findIndex(([line]) => line.test(stay.doing));
      const together = row >= 0 || MEMBER.test(resource);
      if (last !== undefined && together && last.row === row && last.op === stay.op) {
        last.seconds += stay.seconds;
        last.doing = stay.doing;
      } else {
        last = { ...stay, row, within: WAITS[row]?.[1] ?? (together ? VOTES : OTHER) };
        waits.push(last);
      }
    }
  }
  return waits;
}
