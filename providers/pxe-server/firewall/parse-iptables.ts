import {
  all,
  type Chain,
  type Match,
  namesDevice,
  not,
  type Packet,
  type Rule,
  type Table,
  type Verdict,
} from "./ruleset.js";

/** Targets after which the next rule is asked. */
const GOES_ON = new Set(["LOG", "NFLOG", "ULOG", "MARK", "CONNMARK", "TRACE", "AUDIT", "TCPMSS", "SET", "CHECKSUM"]);
const PROTOCOLS: Record<string, string> = { "17": "udp", "6": "tcp" };

/** Reads the table `filter` of what `iptables-save` prints. Undefined when it has none. */
export function parseIptables(lines: readonly string[]): Table | undefined {
  const table: Table = new Map();
  let inFilter = false;
  for (const line of lines) {
    if (line.startsWith("*")) inFilter = line === "*filter";
    if (!inFilter) continue;
    const [, name = "", policy = ""] = /^:(\S+) (\S+)/.exec(line) ?? [];
    if (name !== "") table.set(name, chainOf(name, policy));
    const [, own, rest = ""] = /^-A (\S+)(.*)$/.exec(line) ?? [];
    if (own !== undefined) table.get(own)?.rules.push(ruleOf(words(rest), line));
  }
  return table.size === 0 ? undefined : table;
}

/** Packets for the host itself begin in INPUT. */
function chainOf(name: string, policy: string): Chain {
  const text = `the policy DROP of iptables' chain ${name}`;
  return { rules: [], ...(name === "INPUT" ? { base: { policy: policy === "DROP" ? "drop" : "accept", text } } : {}) };
}

/** Splits at blanks outside of double quotes, which iptables-save writes around comments and prefixes. */
function words(text: string): string[] {
  return [...text.matchAll(/"((?:[^"\\]|\\.)*)"|(\S+)/g)].map(([, quoted, bare]) => quoted ?? bare ?? "");
}

function ruleOf(all_: readonly string[], line: string): Rule {
  const conditions: ((packet: Packet) => Match)[] = [];
  let verdict: Verdict = { kind: "go-on" };
  let negated = false;
  for (let at = 0; at < all_.length; ) {
    const option = all_[at++] ?? "";
    if (option === "!") {
      negated = true;
      continue;
    }
    const values: string[] = [];
    while (at < all_.length && !/^(-|!$)/.test(all_[at] ?? "")) values.push(all_[at++] ?? "");
    if (option === "-j" || option === "-g") {
      verdict = verdictOf(option, values[0] ?? "");
      break; // the rest belongs to the target
    }
    const condition = conditionOf(option, values[0] ?? "");
    const turned = negated;
    if (condition !== undefined) conditions.push((packet) => (turned ? not(condition(packet)) : condition(packet)));
    negated = false;
  }
  const match = (packet: Packet) => all(conditions.map((condition) => condition(packet)));
  return { cases: [{ match, verdict }], text: `iptables' rule \`${line}\`` };
}

/** Undefined for what narrows nothing. */
function conditionOf(option: string, value: string): ((packet: Packet) => Match) | undefined {
  switch (option) {
    case "-m": // names what follows
    case "--comment":
      return undefined;
    case "-i":
      return ({ device }) => namesDevice(value, device, "+");
    case "-p":
      return ({ protocol }) => value === "all" || (PROTOCOLS[value] ?? value) === protocol;
    case "--dport":
    case "--dports":
      return ({ port }) => value.split(",").some((part) => holds(part, port));
    case "--ctstate":
    case "--state":
      return () => value.split(",").includes("NEW");
    default:
      return () => undefined;
  }
}

/** `67`, `67:69`, `:1024` */
function holds(part: string, port: number): boolean {
  const [from = "", to = from] = part.split(":");
  return Number(from) <= port && port <= (to === "" ? 65_535 : Number(to));
}

function verdictOf(option: string, target: string): Verdict {
  if (target === "ACCEPT") return { kind: "accept" };
  if (target === "DROP" || target === "REJECT") return { kind: "drop" };
  if (target === "RETURN") return { kind: "return" };
  if (GOES_ON.has(target)) return { kind: "go-on" };
  return { kind: option === "-g" ? "goto" : "jump", chain: target };
}
