/** The first packet of a machine that boots, as far as it is known: IPv4, and nothing of it is in a connection yet. */
export interface Packet {
  device: string;
  protocol: "udp" | "tcp";
  port: number;
}

/** Whether a rule is about a packet; undefined where that depends on more than is known of it. */
export type Match = boolean | undefined;

export type Verdict =
  | { kind: "accept" | "drop" | "return" | "go-on" }
  /** After a goto nothing more of the rule's own chain is asked. */
  | { kind: "jump" | "goto"; chain: string }
  /** Something that is not understood: it may let the packet in. */
  | { kind: "unknown" };

export interface Rule {
  /** What it says of a packet; several where it looks the verdict up in a table. The first that applies counts. */
  cases: { match: (packet: Packet) => Match; verdict: Verdict }[];
  /** For messages. */
  text: string;
}

export interface Chain {
  rules: Rule[];
  /** Set for chains that packets begin in. */
  base?: { policy: "accept" | "drop"; text: string };
}

/** One table's chains by name. */
export type Table = Map<string, Chain>;

interface Outcomes {
  open: boolean;
  /** Why it may be dropped; the last that applies. */
  closed?: string;
  /** The chain may end without a verdict. */
  none: boolean;
}

/**
 * Why a packet certainly does not get in; undefined when it does, or may. Chains that packets begin in are asked one after
 * the other, and each must let it in.
 */
export function blockedBy(tables: readonly Table[], packet: Packet): string | undefined {
  for (const table of tables) {
    for (const { base, rules } of table.values()) {
      if (base === undefined) continue;
      const { open, closed, none } = walk(table, rules, packet, 0);
      if (open || (none && base.policy === "accept")) continue;
      if (none) return base.text;
      if (closed !== undefined) return closed;
    }
  }
  return undefined;
}

/** nftables allows 16 jumps within each other (NFT_JUMP_STACK_SIZE). */
const DEEPEST = 16;

function walk(table: Table, rules: readonly Rule[], packet: Packet, depth: number): Outcomes {
  const possible: Outcomes = { open: false, none: false };
  if (depth > DEEPEST) return { open: true, none: true };
  for (const rule of rules) {
    let goesOn = true;
    for (const { match, verdict } of rule.cases) {
      const matches = match(packet);
      if (matches === false) continue;
      const taken = outcomes(table, verdict, rule.text, packet, depth);
      possible.open ||= taken.open;
      if (taken.closed !== undefined) possible.closed = taken.closed;
      // A verdict-less end goes on with the next rule, but for `return` and `goto`.
      const leaves = verdict.kind === "return" || verdict.kind === "goto";
      if (leaves && taken.none) possible.none = true;
      if (matches === true) {
        goesOn = taken.none && !leaves;
        break;
      }
    }
    if (!goesOn) return possible;
  }
  possible.none = true;
  return possible;
}

function outcomes(table: Table, verdict: Verdict, text: string, packet: Packet, depth: number): Outcomes {
  switch (verdict.kind) {
    case "accept":
      return { open: true, none: false };
    case "drop":
      return { open: false, closed: text, none: false };
    case "return":
    case "go-on":
      return { open: false, none: true };
    case "unknown":
      return { open: true, none: true };
    case "jump":
    case "goto": {
      const chain = table.get(verdict.chain);
      return chain === undefined ? { open: true, none: true } : walk(table, chain.rules, packet, depth + 1);
    }
  }
}

/** All must hold: one that does not decides, whatever is unknown of the others. */
export function all(matches: readonly Match[]): Match {
  if (matches.includes(false)) return false;
  return matches.includes(undefined) ? undefined : true;
}

export const not = (match: Match): Match => (match === undefined ? undefined : !match);

/** A name of an interface as rules write it: `wildcard` at its end stands for anything. */
export function namesDevice(pattern: string, device: string, wildcard: "*" | "+"): boolean {
  return pattern.endsWith(wildcard) ? device.startsWith(pattern.slice(0, -1)) : pattern === device;
}
