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

type Json = Record<string, unknown>;

const isTable = (value: unknown): value is Json => typeof value === "object" && value !== null && !Array.isArray(value);
const tableAt = (value: unknown, key: string): Json | undefined => {
  const inner = isTable(value) ? value[key] : undefined;
  return isTable(inner) ? inner : undefined;
};
const textAt = (value: Json, key: string): string => (typeof value[key] === "string" ? value[key] : "");
const listOf = (value: unknown): unknown[] => (Array.isArray(value) ? value : [value]);

/** Tables that iptables keeps in nftables; iptables-save tells them better. */
const IPTABLES = new Set(["filter", "nat", "mangle", "raw", "security"]);

/**
 * Reads what `nft -j list ruleset` prints (libnftables-json(5)): chains that IPv4 packets for the host pass. What it does not
 * understand is taken for something that may let a packet in.
 * @param options.iptables The rules of iptables are known from elsewhere.
 */
export function parseNftables(text: string, options: { iptables: boolean }): Table[] {
  let root: unknown;
  try {
    root = JSON.parse(text);
  } catch {
    return []; // cut off, or not JSON: nothing is known
  }
  const items = isTable(root) ? listOf(root.nftables) : [];
  const tables = new Map<string, Table>();
  const sets: Sets = new Map();
  const key = (item: Json) => `${textAt(item, "family")} ${textAt(item, "table")}`;
  const foreign = (item: Json) =>
    !["ip", "inet"].includes(textAt(item, "family")) ||
    (options.iptables && textAt(item, "family") === "ip" && IPTABLES.has(textAt(item, "table")));
  for (const item of items) {
    const set = tableAt(item, "set") ?? tableAt(item, "map");
    if (set !== undefined)
      sets.set(`${key(set)} ${textAt(set, "name")}`, set.elem === undefined ? [] : listOf(set.elem));
    const chain = tableAt(item, "chain");
    if (chain === undefined || foreign(chain)) continue;
    const table = tables.get(key(chain)) ?? new Map<string, Chain>();
    tables.set(key(chain), table.set(textAt(chain, "name"), chainOf(chain)));
  }
  for (const item of items) {
    const rule = tableAt(item, "rule");
    if (rule === undefined) continue;
    const chain = tables.get(key(rule))?.get(textAt(rule, "chain"));
    chain?.rules.push(ruleOf(rule, (name) => sets.get(`${key(rule)} ${name}`)));
  }
  return [...tables.values()];
}

type Sets = Map<string, unknown[]>;
type SetNamed = (name: string) => unknown[] | undefined;

function chainOf(chain: Json): Chain {
  const begins = textAt(chain, "type") === "filter" && ["input", "prerouting"].includes(textAt(chain, "hook"));
  if (!begins) return { rules: [] };
  const name = `${textAt(chain, "family")} ${textAt(chain, "table")} ${textAt(chain, "name")}`;
  const policy = chain.policy === "drop" ? "drop" : "accept";
  return { rules: [], base: { policy, text: `the policy drop of nftables' chain ${name}` } };
}

function ruleOf(rule: Json, sets: SetNamed): Rule {
  const name = `${textAt(rule, "family")} ${textAt(rule, "table")} ${textAt(rule, "chain")}`;
  const conditions: ((packet: Packet) => Match)[] = [];
  const cases: Rule["cases"] = [];
  const add = (verdict: Verdict, ...more: ((packet: Packet) => Match)[]) => {
    const every = [...conditions, ...more];
    cases.push({ match: (packet) => all(every.map((condition) => condition(packet))), verdict });
  };
  for (const statement of listOf(rule.expr).filter(isTable)) {
    const match = tableAt(statement, "match");
    const vmap = tableAt(statement, "vmap");
    const verdict = verdictOf(statement);
    if (match !== undefined) {
      conditions.push((packet) => matches(match.left, textAt(match, "op"), match.right, packet, sets));
    } else if (vmap !== undefined) {
      const entries = membersOf(vmap.data, sets);
      if (entries === undefined) add({ kind: "unknown" });
      for (const entry of entries ?? []) {
        const [value, then] = listOf(entry);
        const chosen = (isTable(then) && verdictOf(then)) || ({ kind: "unknown" } as const);
        add(chosen, (packet) => matches(vmap.key, "==", plain(value), packet, sets));
      }
    } else if (verdict !== undefined) add(verdict);
    else if (!["counter", "log", "mangle", "ct helper", "notrack"].some((known) => known in statement)) {
      conditions.push(() => undefined); // a limit, a quota, something of iptables'
    }
  }
  return { cases, text: `nftables' rule with handle ${String(rule.handle)} in chain ${name}` };
}

function verdictOf(statement: Json): Verdict | undefined {
  if ("accept" in statement) return { kind: "accept" };
  if ("drop" in statement || "reject" in statement) return { kind: "drop" };
  if ("return" in statement) return { kind: "return" };
  if ("continue" in statement) return { kind: "go-on" };
  if ("queue" in statement) return { kind: "unknown" };
  for (const kind of ["jump", "goto"] as const) {
    const to = tableAt(statement, kind);
    if (to !== undefined) return { kind, chain: textAt(to, "target") };
  }
  return undefined;
}

/** What a packet has where a rule looks; `no`: it has no such thing, and no rule about that is about it. */
type Field = { values: readonly (string | number)[]; is?: (pattern: string) => boolean } | "no" | undefined;

function fieldOf(left: unknown, { device, protocol, port }: Packet): Field {
  const meta = textAt(tableAt(left, "meta") ?? {}, "key");
  const ct = textAt(tableAt(left, "ct") ?? {}, "key");
  const payload = tableAt(left, "payload");
  const numbered = { values: [protocol, protocol === "udp" ? 17 : 6] };
  if (meta === "iifname" || meta === "iif") {
    return { values: [device], is: (pattern) => namesDevice(pattern, device, "*") };
  }
  if (meta === "l4proto") return numbered;
  if (meta === "nfproto") return { values: ["ipv4", 2] };
  if (meta === "protocol") return { values: ["ip", 2048] };
  if (ct === "state") return { values: ["new"] };
  if (ct === "status") return { values: [] };
  if (payload === undefined) return undefined;
  const [of, field] = [textAt(payload, "protocol"), textAt(payload, "field")];
  if (of === "ip") return field === "protocol" ? numbered : undefined;
  if (of !== "th" && of !== protocol) return "no";
  return field === "dport" ? { values: [port] } : undefined;
}

function matches(left: unknown, op: string, right: unknown, packet: Packet, sets: SetNamed): Match {
  const field = fieldOf(left, packet);
  if (field === "no") return false;
  if (field === undefined || !["==", "!=", "in", ""].includes(op)) return undefined;
  const members = membersOf(right, sets);
  if (members === undefined) return undefined;
  const found = anyOf(members.map((member) => isOne(plain(member), field)));
  return op === "!=" ? not(found) : found;
}

function anyOf(matches: readonly Match[]): Match {
  if (matches.includes(true)) return true;
  return matches.includes(undefined) ? undefined : false;
}

/** A value, a set in place, the name of a set, or flags. Undefined for a set that is not known. */
function membersOf(right: unknown, sets: SetNamed): unknown[] | undefined {
  if (typeof right === "string" && right.startsWith("@")) return sets(right.slice(1));
  if (isTable(right) && "set" in right) return listOf(right.set);
  if (isTable(right) && "|" in right) return listOf(right["|"]);
  return Array.isArray(right) ? right : [right];
}

/** An element may carry a comment or a time beside its value. */
function plain(member: unknown): unknown {
  const elem = tableAt(member, "elem");
  return elem === undefined ? member : elem.val;
}

function isOne(member: unknown, { values, is }: Exclude<Field, "no" | undefined>): Match {
  const range = isTable(member) ? listOf(member.range) : undefined;
  if (isTable(member) && "range" in member && range !== undefined) {
    const [from, to] = range.map(Number);
    return values.some((value) => typeof value === "number" && Number(from) <= value && value <= Number(to));
  }
  if (typeof member !== "string" && typeof member !== "number") return undefined;
  return values.includes(member) || (typeof member === "string" && is?.(member) === true);
}
