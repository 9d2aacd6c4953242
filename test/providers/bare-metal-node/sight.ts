import { planNode, type Seen, type Wish } from "../../../providers/bare-metal-node/plan.js";

export const MARK = "flint-1a2b3c4d";
export const OTHER_MARK = "flint-00000000";
export const OLDER_MARK = "flint-11111111";
export const wish: Wish = {
  cluster: "dev",
  node: "node01",
  mark: MARK,
  address: "10.0.100.50",
  earlier: new Set([OLDER_MARK]),
  installedBefore: false,
};

type Running = Extract<Seen["system"], { state: "running" }>;
/** A system that answers: the declared one, but for the differences. */
export const running = (differences: Partial<Running> = {}): Running => ({
  state: "running",
  cluster: "dev",
  node: "node01",
  mark: MARK,
  toplevel: "/nix/store/old",
  rebootNeeded: false,
  staleMaterial: [],
  ...differences,
});
/** Nothing is known of it, and it is off. */
export const blank: Seen = {
  system: { state: "silent" },
  installer: "silent",
  record: undefined,
  power: "off",
  bootScript: "none",
  serves: [],
};
/** Installed and recorded as ready. */
export const done: Seen = { ...blank, power: "on", bootScript: "disk", record: { phase: "ready", mark: MARK } };

/** One service that answers, and one that does not. */
export const SERVES: Seen["serves"] = [
  { service: "chainfire", url: "https://10.0.100.50:2379", answer: "200" },
  { service: "flaredb", url: "https://10.0.100.50:2479", answer: "nothing within 5 s" },
];

/** "install: the disk is …", one line per step. */
export const planned = (seen: Partial<Seen>, from: Seen = blank, want: Wish = wish) =>
  planNode(want, { ...from, ...seen }).map((step) => `${step.do}: ${step.reason}`);
