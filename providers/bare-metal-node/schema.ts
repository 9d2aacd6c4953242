import { z } from "zod";
import { declaredBmc } from "../../drivers/bmc/drivers.js";
import { hostTargetSchema } from "../ssh-target-schema.js";
import { BOOT_FROM_DISK } from "./render/boot-script.js";

const mac = z.string().regex(/^([0-9a-f]{2}:){5}[0-9a-f]{2}$/);
/** Part of paths, of iPXE scripts and of dnsmasq entries. */
const name = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/);

/** For BMCs that say nothing of their own. A node's certificate or fingerprint takes the place of both. */
const bmcDefaultsSchema = z.object({
  username: z.string().optional(),
  password: z.string().optional(),
  ca: z.string().optional(),
  fingerprint: z.string().optional(),
});

/** What one disk is recognised by; all given properties must match exactly one disk. Sizes in bytes. */
const identity = {
  serial: z.string().optional(),
  wwn: z.string().optional(),
  minSize: z.number().optional(),
  maxSize: z.number().optional(),
  /** Fingerprint of foreign content that may be wiped, as an earlier error named it. */
  release: z.string().optional(),
};

/** Which disks the system goes to. */
export const diskSchema = z.object({
  ...identity,
  layout: z.string(),
  /** Prefix of the partition labels that mark this very installation: `flint-<8 hex>`. */
  mark: z.string().regex(/^flint-[0-9a-f]{8}$/),
  /** Raised to install the machine anew, over its earlier generations. */
  generation: z.number().int().min(1).optional(),
  /** The second disk of a mirrored pair. */
  mirror: z.object(identity).optional(),
  /** A disk for the raft services' state. */
  data: z.object({ ...identity, encrypted: z.boolean() }).optional(),
});
export type DiskWish = z.infer<typeof diskSchema>;
export type DiskIdentity = Pick<DiskWish, keyof typeof identity>;

/** Seconds. */
export const deadlinesSchema = z.object({
  /** From power-on until the installer answers ssh. */
  boot: z.number().positive(),
  /** One nix build of all systems. */
  build: z.number().positive(),
  /** nixos-anywhere: format, copy, bootloader. */
  install: z.number().positive(),
  /** From the reboot until the installed system answers ssh. */
  firstBoot: z.number().positive(),
});

export const inputsSchema = z.object({
  self: z.string().optional(),
  cluster: z.string(),
  domain: z.string(),
  name,
  profile: z.enum(["control-plane", "worker", "all-in-one"]),
  mac,
  /** IPv4; the provisioning address names a directory on the provisioning host. */
  addresses: z.object({ provisioning: z.ipv4(), cluster: z.ipv4() }),
  /** ComputerSystem.SerialNumber that the machine must have; unchecked when absent. */
  serial: z.string().optional(),
  /** ComputerSystem.UUID that the machine must have; unchecked when absent. */
  uuid: z.string().optional(),
  firmware: z.enum(["uefi", "bios"]),
  /** How the firmware loads iPXE when the machine is installed. Default: pxe. */
  networkBoot: z.enum(["pxe", "uefi-http"]).optional(),
  /** How iPXE hands the installed machine over to its disk. Default: by firmware. */
  bootFromDisk: z.enum(BOOT_FROM_DISK).optional(),
  host: hostTargetSchema,
  pxe: z.object({
    /** `http://10.0.100.1` without a slash at the end. */
    httpUrl: z.string().regex(/^https?:\/\/[A-Za-z0-9.:-]+$/),
    /** Flint's directory on the provisioning host. */
    root: z.string().regex(/^(\/[A-Za-z0-9_-][A-Za-z0-9._-]*)+$/),
    /** Another server gives out addresses and boot files: what machines ask of it is not seen here. */
    externalDhcp: z.literal(true).optional(),
  }),
  /** Profile of the netboot image. */
  image: name,
  /** What the machine's own BMC says beyond `bmcDefaults`. */
  bmc: declaredBmc,
  bmcPassword: z.string().optional(),
  bmcDefaults: bmcDefaultsSchema.default({}),
  disk: diskSchema,
  system: z.object({ flake: z.string(), inputs: z.record(z.string(), z.string()), digest: z.string() }),
  /** The node's entry of cluster.json: all that its system is built from. */
  data: z.record(z.string(), z.unknown()),
  /** Content of /etc/nixos/secrets/cluster-config.json. */
  config: z.record(z.string(), z.unknown()),
  material: z.object({
    hostKey: z.string(),
    key: z.string(),
    /** Key of an encrypted data disk. */
    dataKey: z.string().optional(),
  }),
  /** PEM of the machine's certificate. */
  cert: z.string(),
  /** PEM of the cluster's CA. */
  ca: z.string(),
  /** The installed system's host key, as one line. */
  hostKeyPublic: z.string(),
  /** The cluster's login key: private OpenSSH text, and its public line. */
  loginKey: z.object({ privateKey: z.string(), publicKey: z.string() }),
  /** Raft services' API URLs by member, for the question "may this machine be restarted?"; absent for workers. */
  raft: z.object({ chainfire: z.record(z.string(), z.string()), flaredb: z.record(z.string(), z.string()) }).optional(),
  /** Service → URL of what must be healthy here before the machine counts as ready. Voters' services have members of their own. */
  services: z.record(z.string(), z.string()).optional(),
  deadlines: deadlinesSchema,
  /** Installations that run at the same time in the cluster. Default: as `fleet.ts` says. */
  installsAtOnce: z.int().min(1).optional(),
  onDelete: z.enum(["power-off", "leave", "wipe"]),
});

/** Everything about one machine: who it is, how it is reached, what it shall become. */
export type NodeInputs = z.infer<typeof inputsSchema>;

/** What is needed of a machine to look at it and to let it go. */
export const storedSchema = inputsSchema.pick({
  self: true,
  cluster: true,
  name: true,
  mac: true,
  addresses: true,
  host: true,
  pxe: true,
  image: true,
  bmc: true,
  bmcPassword: true,
  bmcDefaults: true,
  disk: true,
  loginKey: true,
  hostKeyPublic: true,
  onDelete: true,
});
export type StoredNode = z.infer<typeof storedSchema>;
