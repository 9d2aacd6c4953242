import ipaddr from "ipaddr.js";

/** What an argument takes. */
type Kind = (value: string) => boolean;

const text: Kind = (value) => value !== "";
const yesNo: Kind = (value) => value === "yes" || value === "no";
const optionCode: Kind = (value) => /^\d+$/.test(value) && Number(value) >= 1 && Number(value) <= 254;
const address: Kind = (value) => ipaddr.IPv4.isValidFourPartDecimal(value);
const network: Kind = (value) => ipaddr.IPv4.isValidCIDR(value);
const mac: Kind = (value) => /^([0-9A-F]{2}:){5}[0-9A-F]{2}$/.test(value);
const oneOf =
  (...values: string[]): Kind =>
  (value) =>
    values.includes(value);
const list =
  (kind: Kind): Kind =>
  (value) =>
    value.split(",").every(kind);
/** Text in quotes, with `s` in front of them always as text; hexadecimal; parts side by side. */
const optionValue: Kind = (value) => /^(s?'[^'"$\\]*'|0x([0-9a-f]{2})+)+$/.test(value);

interface Menu {
  arguments: Record<string, Kind>;
  mandatory: string[];
  /** Since when an argument is there, if not in all versions 7. */
  since?: Record<string, number>;
}

/**
 * Menus and writable arguments of RouterOS 7, from the vendor's manual, "CLI Reference": /ip/dhcp-server and its menus option,
 * option/sets, matcher, network, lease. Versions: the API tables of the Ansible collection community.routeros.
 */
export const MENUS: Record<string, Menu> = {
  "/ip dhcp-server option": {
    arguments: { name: text, code: optionCode, value: optionValue, force: yesNo, comment: text },
    mandatory: ["name", "code"],
    since: { force: 7.1 },
  },
  "/ip dhcp-server option sets": {
    arguments: { name: text, options: list(text), comment: text },
    mandatory: ["name", "options"],
  },
  "/ip dhcp-server matcher": {
    arguments: {
      ...{ name: text, server: text, "address-pool": text, "option-set": text, code: optionCode, value: text },
      ...{ "matching-type": oneOf("exact", "substring"), disabled: yesNo, comment: text },
    },
    mandatory: ["name", "server", "code", "value", "matching-type"],
    since: { code: 7.4, "matching-type": 7.16 },
  },
  "/ip dhcp-server network": {
    arguments: {
      ...{ address: network, gateway: list(address), netmask: text, "dns-server": list(address), domain: text },
      ...{ "next-server": address, "boot-file-name": text, "dhcp-option": list(text), "dhcp-option-set": text },
      comment: text,
    },
    mandatory: [],
  },
  "/ip dhcp-server lease": {
    arguments: {
      ...{ address, "mac-address": mac, "client-id": text, server: text, "lease-time": text, disabled: yesNo },
      ...{ "dhcp-option": list(text), "dhcp-option-set": text, comment: text },
    },
    mandatory: [],
  },
};

export interface Command {
  menu: string;
  verb: "add" | "set";
  arguments: Map<string, string>;
}

export interface Script {
  commands: Command[];
  /** By name: of `:local`. */
  variables: Map<string, string>;
  /** The oldest version that knows every argument. */
  needs: number;
}

/** Reads a script for `/import` as the command line would. @throws Error that names the line and what is wrong with it. */
export function readRouterOs(script: string): Script {
  const variables = new Map<string, string>();
  const commands: Command[] = [];
  let needs = 7;
  for (const [at, line] of script.split("\n").entries()) {
    if (line === "" || line.startsWith("#")) continue;
    const refuse = (why: string): never => {
      throw new Error(`line ${at + 1}: ${why}: ${line}`);
    };
    const local = /^:local ([a-z]+) "([^"$\\]*)"$/.exec(line);
    if (local !== null) {
      variables.set(local[1] ?? "", local[2] ?? "");
      continue;
    }
    const words = split(line) ?? refuse("a quote or a bracket is not closed");
    const verbAt = words.findIndex((word) => word === "add" || word === "set");
    const name = words.slice(0, verbAt).join(" ");
    const menu = MENUS[name] ?? refuse(`no menu ${name}`);
    const verb = words[verbAt] === "set" ? "set" : "add";
    const rest = words.slice(verbAt + 1);
    if (verb === "set" && !isFind(rest.shift(), menu)) refuse("set needs an item: [find where …]");
    const given = new Map<string, string>();
    for (const word of rest) {
      const [, key = "", raw = ""] = /^([a-z-]+)=(.*)$/s.exec(word) ?? refuse(`${word} is no argument`);
      const kind = menu.arguments[key] ?? refuse(`${name} has no argument ${key}`);
      if (given.has(key)) refuse(`${key} twice`);
      const value =
        readValue(raw, variables) ?? refuse(`the value of ${key} must be quoted, or its variable is not there`);
      if (!kind(value)) refuse(`${key} does not take ${value}`);
      given.set(key, value);
      needs = later(needs, menu.since?.[key] ?? 7);
    }
    const missing = verb === "add" ? menu.mandatory.filter((key) => !given.has(key)) : [];
    if (missing.length > 0) refuse(`${name} needs ${missing.join(", ")}`);
    commands.push({ menu: name, verb, arguments: given });
  }
  return { commands, variables, needs };
}

/** Of 7.9 and 7.16 the latter, although it is the smaller number. */
function later(a: number, b: number): number {
  const minor = (version: number) => Number(String(version).split(".")[1] ?? 0);
  return minor(a) >= minor(b) ? a : b;
}

/** At spaces that are neither in quotes nor in brackets; undefined where one of these does not end. */
function split(line: string): string[] | undefined {
  const words = [...line.matchAll(/(?:"[^"]*"|\[[^\]]*\]|[^\s"[\]])+/g)].map(([word]) => word);
  return words.join(" ") === line ? words : undefined;
}

function isFind(word: string | undefined, menu: Menu): boolean {
  const [, key = "", value = ""] = /^\[find where ([a-z-]+)=(\S+)\]$/.exec(word ?? "") ?? [];
  return menu.arguments[key]?.(value) ?? false;
}

/** Without quotes, only what the command line takes for one word; in them, no variables and no escapes. */
function readValue(raw: string, variables: ReadonlyMap<string, string>): string | undefined {
  if (raw.startsWith("$")) return variables.get(raw.slice(1));
  const quoted = /^"([^"$\\]*)"$/.exec(raw);
  if (quoted !== null) return quoted[1];
  return /^[A-Za-z0-9.,:/_-]+$/.test(raw) ? raw : undefined;
}
