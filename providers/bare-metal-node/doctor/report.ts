import type { Answer } from "../wire/causes.js";
import type { Examination } from "./examine.js";
import type { TimelineEntry } from "./timeline.js";

const ANSWERS: Record<Answer, string> = {
  installer: "the installer answers ssh",
  "installer-refuses": "the installer answers ssh and refuses the login key",
  system: "the installed system answers ssh",
  "system-refuses": "the installed system answers ssh and refuses the login key",
  stranger: "another system, with another host key, answers ssh",
};

/** Lines of the timeline that are shown; what was before is counted. */
const SHOWN = 40;

/** What the terminal gets: at most `width` columns, `bold` where it marks. */
export function renderExamination(
  seen: Examination,
  { width, bold }: { width: number; bold: (text: string) => string },
): string {
  const { node, diagnosis } = seen;
  return [
    bold(`${node.name}  ${node.mac}  ${node.address}  ${node.firmware}`),
    "",
    ...facts(seen).flatMap(([name, text]) => wrap(text, width, name.padEnd(13))),
    "",
    ...timeline(seen.timeline, width),
    "",
    ...(diagnosis === undefined
      ? [bold(seen.answer === "installer" ? FINE_INSTALLER : FINE_SYSTEM)]
      : [
          bold(`Cause: ${diagnosis.cause}`),
          ...wrap(`Found ${diagnosis.found}.`, width, "  ", "  "),
          ...wrap(diagnosis.remedy, width, "  ", "  "),
        ]),
    "",
  ].join("\n");
}

const FINE_SYSTEM = "It is fine: its installed system runs.";
const FINE_INSTALLER = "It is fine: its installer is up. `pulumi up` goes on from there.";

function facts({ bmc, answer, record, bootScript, node }: Examination): [string, string][] {
  const told = [
    bmc.power === undefined ? "does not tell" : `power ${bmc.power}`,
    ...(bmc.link === undefined ? [] : [`link ${bmc.link}`]),
    ...(bmc.memory === undefined ? [] : [`${bmc.memory} MiB of memory`]),
    ...(bmc.secureBoot === undefined ? [] : [`Secure Boot ${bmc.secureBoot}`]),
    ...(bmc.bootOverride === undefined ? [] : [`boot override ${bmc.bootOverride}`]),
  ];
  return [
    ["BMC", told.join(", ")],
    ["address", answer === undefined ? "nobody answers ssh" : ANSWERS[answer]],
    ["record", record === undefined ? `none on ${node.host}` : recordText(record)],
    ["boot script", SCRIPTS[bootScript]],
  ];
}

const SCRIPTS: Record<Examination["bootScript"], string> = {
  install: "loads the installer",
  disk: "goes on with the disk",
  foreign: "not one of Flint's",
  none: "none: a menu, then the disk",
};

function recordText({ phase, at }: NonNullable<Examination["record"]>): string {
  return at === undefined ? phase : `${phase}, since ${stamp(at)} UTC`;
}

function timeline(entries: readonly TimelineEntry[], width: number): string[] {
  if (entries.length === 0) return ["Timeline: the boot servers saw nothing of it."];
  const shown = entries.slice(-SHOWN);
  const earlier = entries.length - shown.length;
  const from = shown[0]?.at ?? 0;
  return [
    `Timeline (UTC), from ${stamp(from).slice(0, 10)}${earlier === 0 ? "" : `, without ${earlier} earlier lines`}:`,
    ...shown.flatMap(({ at, text, times, until }) => {
      const again = times === undefined ? "" : `, ${times} times until ${stamp(until ?? at).slice(11)}`;
      return wrap(`${text}${again}`, width, `  ${stamp(at).slice(11)}  `);
    }),
  ];
}

/** "2026-11-28 05:53:28". */
function stamp(at: number): string {
  return new Date(at).toISOString().slice(0, 19).replace("T", " ");
}

/** The text in lines of at most `width` columns, the first after `first`, the others after as many spaces. */
export function wrap(text: string, width: number, first = "", rest = " ".repeat(first.length)): string[] {
  const lines: string[] = [];
  let line = first;
  let empty = true;
  for (const word of text.split(" ")) {
    if (!empty && line.length + 1 + word.length > width) {
      lines.push(line);
      line = rest;
      empty = true;
    }
    line += empty ? word : ` ${word}`;
    empty = false;
  }
  return [...lines, line];
}
