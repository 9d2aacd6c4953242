import type { Pair } from "./pairs.js";

type At = Pair["moment"];
const of =
  (owner: Pair["owner"]) =>
  (fault: string, value: unknown, ...moments: At[]): Pair[] =>
    moments.map((moment) => ({ owner, fault, value, moment }));
const machine = of("machine");
const bmc = of("bmc");

const LATE = { late: 4_000 };
const NEVER_UP = { late: 1_000_000_000 };
const crashes = (service: string) => ({ crashLoop: [service] });

/** While systems are switched and machines restart for it: another kernel command line. The catalogue's updates restart nothing. */
export const RESTARTING: readonly Pair[] = [
  ...machine("restarts", 1, "copied", "switch", "activated", "disk-boot", "system-up"),
  ...machine("powerFails", true, "activated", "disk-boot", "system-up"),
  ...machine("outOfMemory", true, "disk-boot", "system-up"),
  ...machine("noPost", true, "before"),
  ...machine("systemHangs", true, "before"),
  ...machine("otherSystem", true, "before"),
  ...machine("slow", 3, "before"),
  ...machine("sshRefused", 20_000, "system-up"),
  ...machine("sshResets", 2, "system-up"),
  ...machine("services", LATE, "before", "system-up"),
  ...machine("services", NEVER_UP, "before"),
  ...machine("services", crashes("plasmavmc"), "before", "activated", "system-up"),
  ...bmc("bmcFreezes", true, "before"),
];

/**
 * While machines are let go, wiped, and installed anew. What keeps one from being let go is tried in removals: Pulumi 3.259 waits for
 * ever with `--continue-on-error`, which these runs need, when the deletion for a replacement fails.
 */
export const REPLACING: readonly Pair[] = [
  ...machine("restarts", 1, "wipe", "power-on", "dhcp", "initrd", "installer-up", "format", "closure", "installed"),
  ...machine("restarts", 1, "disk-boot", "system-up"),
  ...machine("powerFails", true, "dhcp", "format", "closure", "installed", "disk-boot", "system-up"),
  ...machine("diskErrors", true, "format"),
  ...machine("copyBreaks", 1, "closure"),
  ...machine("dhcpLost", 3, "dhcp"),
  ...machine("noLink", true, "power-on"),
  ...machine("sshRefused", 20_000, "wipe", "installer-up", "installed"),
  ...machine("services", LATE, "system-up"),
  ...machine("services", crashes("plasmavmc"), "system-up"),
  ...bmc("busy503", 3, "before", "power-off", "power-on"),
  ...bmc("bmcFreezes", true, "power-on"),
  ...bmc("slowPower", 3_000, "before"),
  ...bmc("overrideForgotten", true, "before"),
];

/** One of three voters, while all systems are changed. */
export const VOTER_UPDATED: readonly Pair[] = [
  ...machine("restarts", 1, "copy", "copied", "switch", "activated"),
  ...machine("powerFails", true, "copied", "activated"),
  ...machine("copyBreaks", 1, "before"),
  ...machine("sshRefused", 20_000, "before", "copied"),
  ...machine("services", crashes("chainfire"), "before", "activated"),
  ...machine("services", crashes("iam"), "activated"),
  ...machine("outOfMemory", true, "activated"),
  ...machine("services", { slowAnswers: 4_000 }, "before"),
];

/** One of three voters, while it leaves and is installed anew. */
export const VOTER_REPLACED: readonly Pair[] = [
  ...machine("restarts", 1, "dhcp", "format", "closure", "disk-boot", "system-up"),
  ...machine("powerFails", true, "format", "installed", "system-up"),
  ...machine("diskErrors", true, "format"),
  ...machine("services", LATE, "system-up"),
  ...machine("services", crashes("chainfire"), "system-up"),
  ...machine("services", crashes("flaredb"), "system-up"),
  ...bmc("busy503", 3, "power-off"),
  ...bmc("bmcFreezes", true, "power-on"),
];

/** Of updates and of replacements what ends soon: CI's share. */
export const SAMPLE = {
  update: [...machine("services", crashes("plasmavmc"), "activated"), ...machine("restarts", 1, "copied", "activated")],
  replacement: [
    ...machine("restarts", 1, "format", "disk-boot"),
    ...machine("diskErrors", true, "format"),
    ...bmc("busy503", 3, "power-off"),
  ],
} as const;
