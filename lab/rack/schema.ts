import { createHash } from "node:crypto";
import ipaddr from "ipaddr.js";
import { z } from "zod";

const name = (what: string, max: number) =>
  z
    .string()
    .max(max, `a ${what} has at most ${max} characters`)
    .regex(/^[a-z]([a-z0-9-]*[a-z0-9])?$/, `a ${what} has lower case letters, digits and inner hyphens`);
const ipv4 = z
  .string()
  .refine((text) => ipaddr.IPv4.isValidFourPartDecimal(text), { error: "must be an IPv4 address", abort: true });
const cidr = z
  .string()
  .refine((text) => ipaddr.IPv4.isValidCIDR(text), { error: "must be a network like 10.0.100.0/24", abort: true });
const mac = z
  .string()
  .toLowerCase()
  .regex(/^[0-9a-f][02468ace](:[0-9a-f]{2}){5}$/, "must be a unicast MAC address like 52:54:00:00:00:01");

const absolutePath = z.string().regex(/^\/[^:\\]*$/, "must be an absolute path without colons and backslashes");

const network = z.strictObject({
  /** The network with its prefix length. */
  cidr,
  /** The operator's own address in it: what runs inside `rack exec` and `rack shell` has this one. */
  operator: ipv4,
});

const firmware = z.enum(["uefi", "bios"]);

const machineSize = {
  /** MiB of memory. */
  memory: z.int().min(64).max(65_536),
  cpus: z.int().min(1).max(64),
  /** GiB of the disk; only what is written takes room. */
  disk: z.int().min(1).max(4096),
  firmware,
  /** A display adapter, for `rack screenshot`. */
  display: z.boolean(),
};

const machine = z.strictObject({
  ...z.object(machineSize).partial().shape,
  /** Card in the provisioning network; the firmware boots from this one. */
  mac,
  /** Card in the cluster network. Default: none. */
  clusterMac: mac.optional(),
  /** Address of its BMC in the provisioning network. */
  bmc: ipv4,
  /** The BMC speaks IPMI 2.0 too. Default: Redfish alone. */
  ipmi: z.boolean().optional(),
  /** UEFI firmware starts only what is signed with a key that firmware is sold with. Default: it knows no Secure Boot. */
  secureBoot: z.boolean().optional(),
  /** Where its operating system will be found, shown by `rack status`. */
  addresses: z.strictObject({ provisioning: ipv4, cluster: ipv4.optional() }).optional(),
  /** SMBIOS serial number. Default RACK-<rack>-<machine>. */
  serial: z.string().min(1).max(64).optional(),
  /** Serial number of the disk; virtio shows 20 characters. Default: 20 characters made of rack and machine. */
  diskSerial: z.string().min(1).max(20).optional(),
  /** SMBIOS UUID. Default: made of rack and machine. */
  uuid: z.guid().toLowerCase().optional(),
});

/** A rack as its file describes it. */
export const rackSchema = z
  .strictObject({
    name: name("rack name", 20),
    networks: z.strictObject({ provisioning: network, cluster: network }),
    host: z.strictObject({
      /** Host name of the provisioning host. */
      name: name("host name", 32).default("pxe1"),
      address: ipv4,
      /** Directories and files of this machine that the host sees, read-only: its path → path on this machine. */
      share: z.record(absolutePath, absolutePath).default({}),
    }),
    bmc: z.strictObject({ username: z.string().min(1).default("admin") }).prefault({}),
    defaults: z.object(machineSize).partial().strict().default({}),
    machines: z
      .record(z.string(), machine) // names: see misnamed()
      .refine((all) => Object.keys(all).length > 0, "a rack has at least one machine"),
  })
  .superRefine((rack, context) => {
    for (const { path, message } of contradictions(rack)) context.addIssue({ code: "custom", path, message });
  });

/** Machines whose name is not one; looked for apart, as zod would skip the rest of such a machine. */
export function misnamed(machines: unknown): Problem[] {
  if (typeof machines !== "object" || machines === null) return [];
  return Object.keys(machines).flatMap((id) => {
    const [issue] = name("machine name", 32).safeParse(id).error?.issues ?? [];
    return issue === undefined ? [] : [{ path: ["machines", id], message: issue.message }];
  });
}

type RackFile = {
  networks: Record<"provisioning" | "cluster", z.infer<typeof network>>;
  host: { address: string };
  defaults: { firmware?: "uefi" | "bios" | undefined };
  machines: Record<string, z.infer<typeof machine>>;
};
type Problem = { path: (string | number)[]; message: string };

function contradictions(rack: RackFile): Problem[] {
  return [...outsideTheirNetwork(rack), ...usedTwice(rack), ...secureBios(rack)];
}

function secureBios({ machines, defaults }: RackFile): Problem[] {
  return Object.entries(machines)
    .filter(([, { secureBoot, firmware = defaults.firmware }]) => secureBoot === true && firmware === "bios")
    .map(([id]) => ({ path: ["machines", id, "secureBoot"], message: "a BIOS has no Secure Boot" }));
}

function outsideTheirNetwork({ networks, host, machines }: RackFile): Problem[] {
  const problems: Problem[] = [];
  const check = (of: "provisioning" | "cluster", address: string | undefined, ...path: string[]) => {
    const { cidr } = networks[of];
    if (address === undefined || ipaddr.IPv4.parse(address).match(ipaddr.IPv4.parseCIDR(cidr))) return;
    problems.push({ path, message: `${address} is outside of the ${of} network ${cidr}` });
  };
  check("provisioning", networks.provisioning.operator, "networks", "provisioning", "operator");
  check("cluster", networks.cluster.operator, "networks", "cluster", "operator");
  check("provisioning", host.address, "host", "address");
  for (const [id, { bmc, addresses }] of Object.entries(machines)) {
    check("provisioning", bmc, "machines", id, "bmc");
    check("provisioning", addresses?.provisioning, "machines", id, "addresses", "provisioning");
    check("cluster", addresses?.cluster, "machines", id, "addresses", "cluster");
  }
  return problems;
}

function usedTwice({ networks, host, machines }: RackFile): Problem[] {
  const problems: Problem[] = [];
  const users = new Map<string, string>();
  const claim = (kind: string, value: string | undefined, ...path: string[]) => {
    if (value === undefined) return;
    const other = users.get(`${kind} ${value}`);
    if (other === undefined) users.set(`${kind} ${value}`, path.join("."));
    else problems.push({ path, message: `${value} is already the ${kind} of ${other}` });
  };
  claim("address", networks.provisioning.operator, "networks", "provisioning", "operator");
  claim("address", networks.cluster.operator, "networks", "cluster", "operator");
  claim("address", host.address, "host", "address");
  for (const [id, one] of Object.entries(machines)) {
    claim("address", one.bmc, "machines", id, "bmc");
    claim("address", one.addresses?.provisioning, "machines", id, "addresses", "provisioning");
    claim("address", one.addresses?.cluster, "machines", id, "addresses", "cluster");
    claim("MAC", one.mac, "machines", id, "mac");
    claim("MAC", one.clusterMac, "machines", id, "clusterMac");
    claim("serial", one.serial, "machines", id, "serial");
    claim("disk serial", one.diskSerial, "machines", id, "diskSerial");
    claim("UUID", one.uuid, "machines", id, "uuid");
  }
  return problems;
}

/** One machine with every default filled in. */
export interface Machine {
  name: string;
  /** Position in the file from 1; names its taps. */
  number: number;
  mac: string;
  clusterMac: string | undefined;
  bmc: string;
  ipmi: boolean;
  secureBoot: boolean;
  addresses: { provisioning: string; cluster?: string } | undefined;
  serial: string;
  diskSerial: string;
  uuid: string;
  memory: number;
  cpus: number;
  disk: number;
  firmware: "uefi" | "bios";
  display: boolean;
}

/** A rack with every default filled in. */
export interface Rack {
  name: string;
  networks: Record<"provisioning" | "cluster", { cidr: string; operator: string }>;
  host: { name: string; address: string; share: Record<string, string> };
  bmc: { username: string };
  machines: Machine[];
}

export function completeRack(file: z.infer<typeof rackSchema>): Rack {
  const { name: rack, networks, host, bmc } = file;
  const machines = Object.entries(file.machines).map(([id, own], index): Machine => {
    const digest = createHash("sha256").update(`${rack}/${id}`).digest("hex");
    return {
      name: id,
      number: index + 1,
      mac: own.mac,
      clusterMac: own.clusterMac,
      bmc: own.bmc,
      ipmi: own.ipmi ?? false,
      secureBoot: own.secureBoot ?? false,
      addresses: own.addresses,
      serial: own.serial ?? `RACK-${rack}-${id}`,
      diskSerial: own.diskSerial ?? `DISK-${digest.slice(0, 15)}`,
      uuid:
        own.uuid ??
        `${digest.slice(0, 8)}-${digest.slice(8, 12)}-4${digest.slice(13, 16)}-8${digest.slice(17, 20)}-${digest.slice(20, 32)}`,
      memory: own.memory ?? file.defaults.memory ?? 1024,
      cpus: own.cpus ?? file.defaults.cpus ?? 1,
      disk: own.disk ?? file.defaults.disk ?? 6,
      firmware: own.firmware ?? file.defaults.firmware ?? "uefi",
      display: own.display ?? file.defaults.display ?? true,
    };
  });
  return { name: rack, networks, host, bmc, machines };
}
