import { z } from "zod";
import type { SecretSource, TextSource } from "./args.js";
import type { Format } from "./formats.js";
import * as formats from "./formats.js";

export const PROFILES = ["control-plane", "worker", "all-in-one"] as const;

/** The members of `params` on a custom issue: what the problem list tells. */
export interface FormatIssue {
  allowed: string;
  remedy: string;
}

/** A leaf: read by its format, or an issue with what is allowed and what to do. */
function of<T>(format: Format<T>) {
  return z.unknown().transform((value, context): T => {
    const read = format.read(value);
    if (read !== undefined) return read;
    const params: FormatIssue = { allowed: format.allowed, remedy: format.remedy };
    context.issues.push({ code: "custom", input: value, message: format.allowed, params });
    return z.NEVER;
  });
}

/** A list of which the length is not limited by its format. */
const list = <T>(format: Format<T>) => z.array(of(format)).default([]);

/** A table; its keys are checked as `key` says, also where the values are wrong: all is told at once. */
function table<T extends z.ZodType>(key: Format<string>, value: T) {
  return z.record(z.string(), value).superRefine(
    (entries, context) => {
      for (const name of Object.keys(entries)) {
        if (key.read(name) === name) continue;
        const params = { allowed: key.allowed, remedy: key.remedy, key: true };
        context.addIssue({ code: "custom", path: [name], message: key.allowed, params });
      }
    },
    { when: ({ value: entries }) => typeof entries === "object" && entries !== null && !Array.isArray(entries) },
  );
}

export const profile = formats.oneOf(PROFILES, "Choose one of the three.");

export const networkBoot = formats.oneOf(
  ["pxe", "uefi-http"],
  "Leave it out for pxe, or choose uefi-http where the firmware has UEFI HTTP boot and no PXE.",
);

function isSource(value: unknown): value is { file: string } | { env: string } {
  if (typeof value !== "object" || value === null || Object.keys(value).length !== 1) return false;
  const [name, content] = Object.entries(value)[0] ?? [];
  if (typeof content !== "string" || content === "") return false;
  return name === "file" || (name === "env" && /^[A-Za-z_][A-Za-z0-9_]*$/.test(content));
}

/** Text in place, a file or an environment variable. */
export const textSource: Format<TextSource> = {
  allowed: "text, { file: PATH } or { env: NAME }",
  remedy: "Name a file of the project or an environment variable, or write the text itself.",
  read: (value) => ((typeof value === "string" && value !== "") || isSource(value) ? value : undefined),
};

/** As `textSource`, and a Pulumi output or promise, which is known only later. */
export const secretSource: Format<SecretSource> = {
  allowed: "a secret, { file: PATH } or { env: NAME }",
  remedy: "Set it with `pulumi config set --secret --path`, or name a file or an environment variable.",
  read: (value) => textSource.read(value) ?? (isLater(value) ? (value as SecretSource) : undefined),
};

/** Outputs are recognised as the SDK does it, so that no copy of the SDK has to be loaded here. */
function isLater(value: unknown): value is PromiseLike<string> {
  return typeof value === "object" && value !== null && ("__pulumiOutput" in value || "then" in value);
}

const networkFields = {
  cidr: of(formats.cidr),
  gateway: of(formats.ipv4).optional(),
  dns: list(formats.ipv4),
  mtu: of(formats.mtu).optional(),
};
const networks = z.strictObject({
  provisioning: z.strictObject({ ...networkFields, dhcp: of(formats.flag).default(false) }),
  cluster: z.strictObject({ ...networkFields, vlan: of(formats.vlan).optional() }),
});

const hostFields = {
  ssh: of(formats.sshAddress),
  port: of(formats.port).default(22),
  privateKey: of(secretSource),
  hostKey: z
    .unknown()
    .transform((value) => (Array.isArray(value) ? value : [value]))
    .pipe(z.array(of(textSource)).min(1)),
};
const jumpHost = z.strictObject(hostFields);
const sshHost = z.strictObject({ ...hostFields, jump: jumpHost.optional() });

const isTrue: Format<true> = {
  allowed: "true",
  remedy: "Write `host: { local: true }`, or `ssh`, `privateKey` and `hostKey` of another host.",
  read: (value) => (value === true ? true : undefined),
};
const localHost = z.strictObject({ local: of(isTrue) });

const addressRange: Format<[string, string]> = {
  allowed: "two addresses, as [10.0.100.200, 10.0.100.250]",
  remedy: "Write the first and the last address of the pool.",
  read(value) {
    if (!Array.isArray(value) || value.length !== 2) return undefined;
    const [from, to] = value.map((each) => formats.ipv4.read(each));
    return from === undefined || to === undefined ? undefined : [from, to];
  },
};

const dhcp = z.strictObject({
  mode: of(
    formats.oneOf(
      ["full", "proxy", "external"],
      "Choose proxy or external where another DHCP server gives out addresses, full otherwise.",
    ),
  ),
  range: of(addressRange).optional(),
  leaseTime: of(formats.leaseTime).default(3600),
  relay: of(formats.flag).optional(),
});

const pxe = z.strictObject({
  // Which of the two is meant, where it is wrong: structureProblems asks for the key `local`.
  host: z.union([localHost, sshHost]),
  interface: of(formats.interfaceName),
  address: of(formats.ipv4).optional(),
  dhcp,
  prepare: of(formats.flag).default(true),
});

const bmcAccess = {
  username: of(formats.line).optional(),
  password: of(secretSource).optional(),
  ca: of(textSource).optional(),
  fingerprint: of(formats.fingerprint).optional(),
};

const bmc = z.strictObject({
  ...bmcAccess,
  redfish: of(formats.redfishUrl).optional(),
  system: of(formats.redfishSystem).optional(),
  ipmi: of(formats.ipmiHost).optional(),
  cipherSuite: of(formats.cipherSuite).optional(),
  chassis: of(formats.chassisName).optional(),
  wakeOnLan: of(formats.flag).optional(),
  manual: of(formats.flag).optional(),
});

const system = z.strictObject({ flake: of(formats.line), inputs: z.record(z.string(), of(formats.line)).default({}) });

const file = z.strictObject({
  url: of(formats.line).optional(),
  path: of(formats.line).optional(),
  sha256: of(formats.sha256),
});
const image = z.strictObject({ kernel: file, initrd: file, cmdline: of(formats.line) });

const raftPorts = (apiPort: number, raftPort: number) =>
  z
    .strictObject({ apiPort: of(formats.port).default(apiPort), raftPort: of(formats.port).default(raftPort) })
    .prefault({});
const onePort = (port: number) => z.strictObject({ port: of(formats.port).default(port) }).prefault({});

const services = z
  .strictObject({
    chainfire: raftPorts(2379, 2380),
    flaredb: raftPorts(2479, 2480),
    iam: onePort(8080),
    plasmavmc: onePort(8081),
  })
  .prefault({});

const hook = z
  .unknown()
  .transform((value) => (typeof value === "string" ? { run: value } : value))
  .pipe(
    z.strictObject({
      run: of(formats.script),
      on: of(formats.oneOf(["operator", "provisioning-host"], "Choose where the command runs.")).default("operator"),
    }),
  );
const hooks = z.strictObject({ beforeInstall: hook.optional(), afterInstall: hook.optional() });

const minutes = (count: number) => of(formats.duration).default(count * 60);
const deadlines = z
  .strictObject({
    build: minutes(120),
    boot: minutes(20),
    install: minutes(60),
    firstBoot: minutes(20),
    join: minutes(10),
    health: minutes(5),
  })
  .prefault({});

const diskIdentity = {
  serial: of(formats.serial).optional(),
  wwn: of(formats.wwn).optional(),
  size: of(formats.size).optional(),
  release: of(formats.releaseMark).optional(),
};
const mirrorKind = formats.oneOf(["mdraid", "btrfs", "zfs"], "Leave it out for mdraid, or choose one of the three.");
const disk = z.strictObject({
  ...diskIdentity,
  mirror: z.strictObject({ ...diskIdentity, kind: of(mirrorKind).default("mdraid") }).optional(),
  data: z.strictObject({ ...diskIdentity, key: of(secretSource).optional() }).optional(),
});

const bondMode = formats.oneOf(
  ["802.3ad", "active-backup", "balance-xor", "balance-alb", "balance-tlb"],
  "Leave it out for 802.3ad (LACP), or choose another.",
);
const bond = z.strictObject({ members: z.array(of(formats.mac)).min(2), mode: of(bondMode).default("802.3ad") });

const node = z.strictObject({
  profile: of(profile),
  bootstrap: of(formats.flag).default(false),
  mac: of(formats.mac),
  clusterMac: of(formats.mac).optional(),
  bond: bond.optional(),
  clusterBond: bond.optional(),
  addresses: z.strictObject({ provisioning: of(formats.ipv4), cluster: of(formats.ipv4) }),
  disk,
  bmc,
  serial: of(formats.serial).optional(),
  uuid: of(formats.uuid).optional(),
  firmware: of(formats.oneOf(["uefi", "bios"], "Choose what the machine boots with.")).default("uefi"),
  networkBoot: of(networkBoot).optional(),
  bootFromDisk: of(
    formats.oneOf(["ipxe-exit", "ipxe-sanboot", "http-404"], "Leave it out, or choose another where a machine hangs."),
  ).optional(),
  kernelParams: list(formats.kernelParam),
  labels: table(formats.labelName, of(formats.labelValue)).default({}),
  onDelete: of(
    formats.oneOf(["power-off", "leave", "wipe"], "Choose what happens to the machine when it leaves the stack."),
  ).default("power-off"),
  generation: of(formats.generation).default(1),
  hooks: hooks.optional(),
});

/** `flint:cluster` as written by people; its output has every default filled in and every value in its one form. */
export const clusterSchema = z.strictObject({
  name: of(formats.machineName),
  domain: of(formats.domainName),
  networks,
  pxe,
  bmc: z.strictObject(bmcAccess).default({}),
  system,
  images: z
    .strictObject({ "control-plane": image.optional(), worker: image.optional(), "all-in-one": image.optional() })
    .default({}),
  services,
  hooks: hooks.default({}),
  deadlines,
  installsAtOnce: of(formats.installsAtOnce).optional(),
  sshAuthorizedKeys: list(formats.authorizedKey),
  prefix: of(formats.resourcePrefix).default(""),
  nodes: table(formats.machineName, node),
});

/** A cluster as checked: times in seconds, sizes in bytes, MACs in lower case. */
export type Cluster = z.output<typeof clusterSchema>;
export type Node = Cluster["nodes"][string];
export type SshHost = z.output<typeof sshHost>;
export type Bmc = z.output<typeof bmc>;
export type Image = z.output<typeof image>;
export type Hook = z.output<typeof hook>;
export type Deadlines = z.output<typeof deadlines>;
