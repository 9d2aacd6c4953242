/** Phase → seconds from the start of the operation until it was reached. */
export type Timeline = Record<string, number>;

const ENTRY = /^(.+) ([\d.]+) s$/;

/** "registered 0.3 s, powered-on 3.5 s, …": one value in the state, where the engine handles each part of an object by itself. */
export function renderTimeline(timeline: Timeline): string {
  return Object.entries(timeline)
    .sort(([, a], [, b]) => a - b)
    .map(([phase, seconds]) => `${phase} ${seconds} s`)
    .join(", ");
}

/** The other way. What is no entry is left out. */
export function parseTimeline(text: string): Timeline {
  const entries = text.split(", ").flatMap((each) => {
    const [, phase, seconds] = ENTRY.exec(each) ?? [];
    return phase === undefined ? [] : [[phase, Number(seconds)] as const];
  });
  return Object.fromEntries(entries);
}
