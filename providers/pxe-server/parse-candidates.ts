import { z } from "zod";
import { ARM64, BOOT_FILES, HTTP_BOOT } from "./render/boot-files.js";

/** A machine that asked to boot on the provisioning network and that nobody declared. */
export interface Candidate {
  mac: string;
  /** As its firmware tells; absent where it never came as far as iPXE. */
  serial?: string;
  uuid?: string;
  manufacturer?: string;
  product?: string;
  /** What its firmware is, where it asked DHCP for a boot file. */
  architecture?: "bios" | "uefi" | "arm64";
  /** When it was seen last, ISO 8601 with the host's time zone. */
  seen: string;
}

/** More are no candidates but a network of something else. */
const MOST = 50;

/** What a machine says of itself goes to a terminal and into the state: no control characters, and not too much of it. */
const told = z
  .string()
  .transform((text) =>
    decoded(text)
      .replaceAll(/[\p{C}]/gu, "")
      .trim()
      .slice(0, 80),
  )
  .transform((text) => (text === "" ? undefined : text))
  .optional();

const mac = z.string().regex(/^([0-9a-f]{2}:){5}[0-9a-f]{2}$/);
const seen = z.string().regex(/^[0-9T:+Z-]{10,30}$/);

const menuLine = z.object({
  t: seen,
  mac: z
    .string()
    .transform((text) => text.toLowerCase().replaceAll("-", ":"))
    .pipe(mac),
  serial: told,
  uuid: told,
  manufacturer: told,
  product: told,
});

/**
 * Reads what the script in `candidates.ts` printed: `menu <json>` where iPXE asked and found no script of its own, `dhcp <mac>
 * <time> <architecture>` where firmware asked for a boot file, `known <mac>` for each machine that has a script. Newest first, at most 50.
 */
export function parseCandidates(text: string): Candidate[] {
  const found = new Map<string, Candidate>();
  const known = new Set<string>();
  const keep = (candidate: Candidate) => {
    const before = found.get(candidate.mac);
    const at = [before?.seen ?? "", candidate.seen].sort().at(-1) ?? "";
    found.set(candidate.mac, { ...before, ...candidate, seen: at });
  };
  for (const line of text.split("\n")) {
    const [kind, first = "", second = "", third = ""] = line.split(" ");
    if (kind === "known") known.add(first.replaceAll("-", ":"));
    else if (kind === "dhcp") {
      const parsed = z.object({ mac, seen }).safeParse({ mac: first, seen: second });
      const architecture = architectureOf(Number(third));
      if (parsed.success) keep({ ...parsed.data, ...(architecture === undefined ? {} : { architecture }) });
    } else if (kind === "menu") {
      const parsed = menuLine.safeParse(jsonOrUndefined(line.slice("menu ".length)));
      if (!parsed.success) continue;
      const { t, mac: card, serial, uuid, manufacturer, product } = parsed.data;
      keep({
        mac: card,
        ...(serial === undefined ? {} : { serial }),
        ...(uuid === undefined ? {} : { uuid }),
        ...(manufacturer === undefined ? {} : { manufacturer }),
        ...(product === undefined ? {} : { product }),
        seen: t,
      });
    }
  }
  const candidates = [...found.values()].filter((candidate) => !known.has(candidate.mac));
  return candidates.sort((a, b) => (a.seen < b.seen ? 1 : -1)).slice(0, MOST);
}

/** By IANA's "Processor Architecture Types" (RFC 5970). */
function architectureOf(code: number): Candidate["architecture"] {
  if (code === ARM64.tftp || code === ARM64.http) return "arm64";
  if (code === HTTP_BOOT.arch) return "uefi";
  const known = BOOT_FILES.find(({ arch }) => arch === code);
  return known === undefined ? undefined : known.tag === "bios" ? "bios" : "uefi";
}

/** More of them in one line nobody reads. */
const TOLD = 10;

/** One line about all of them; undefined when there are none. */
export function tellCandidates(cidr: string, candidates: readonly Candidate[]): string | undefined {
  if (candidates.length === 0) return undefined;
  return `seen on ${cidr} and not declared: ${candidates.slice(0, TOLD).map(tellCandidate).join("; ")}`;
}

/** "52:54:00:00:00:09 (serial ABC, Dell PowerEdge R640, seen 2026-11-28T06:48:56+00:00)". */
export function tellCandidate({ mac, serial, manufacturer, product, architecture, seen }: Candidate): string {
  const model = [manufacturer, product].filter((part) => part !== undefined).join(" ");
  const parts = [
    serial === undefined ? "" : `serial ${serial}`,
    model,
    architecture ?? "",
    `seen ${seen}`,
    serial === undefined && model === "" ? "it asked for a boot file only" : "",
  ];
  return `${mac} (${parts.filter((part) => part !== "").join(", ")})`;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function jsonOrUndefined(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
