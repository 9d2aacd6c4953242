import type { BmcDefaultsArgs, IpmiBmcArgs, ManualBmcArgs, RedfishBmcArgs, WakeOnLanBmcArgs } from "./bmc-args.js";
import type { SecretSource, TextSource } from "./source-args.js";

export type * from "./bmc-args.js";
export type * from "./source-args.js";

/**
 * What the machine is for. `control-plane`: Chainfire, FlareDB, IAM and PlasmaVMC, with a vote in both raft groups.
 * `worker`: PlasmaVMC only. `all-in-one`: as control-plane, and runs workloads too.
 */
export type Profile = "control-plane" | "worker" | "all-in-one";

/** A time: "90s", "15m", "1h". */
export type Duration = string;

/** One of the two networks. */
export interface NetworkArgs {
  /** `10.0.100.0/24`. Changing it switches every machine; the addresses must stay. */
  cidr: string;
  /** Default route of the machines, inside `cidr`. Default: none on this network. Switches the systems. */
  gateway?: string;
  /** DNS servers. Default: none. */
  dns?: string[];
  /** Largest packet in bytes, 576 to 9216. Default: the cards' own. Switches the systems. */
  mtu?: number;
}

/** Where machines boot and are reached. It must be untagged: firmware knows no VLANs. */
export interface ProvisioningNetworkArgs extends NetworkArgs {
  /**
   * True: installed systems take their address by DHCP, with the card's MAC as client id, as firmware and installer do.
   * Default false: the same address, without asking. Switches the systems.
   */
  dhcp?: boolean;
}

/** Where the raft services talk to each other. */
export interface ClusterNetworkArgs extends NetworkArgs {
  /** VLAN tag, 1 to 4094, on the card or bond of this network. Default: untagged. Switches the systems. */
  vlan?: number;
}

/** Several cards that act as one. */
export interface BondArgs {
  /** MAC addresses of the cards, two or more; the network's own card is one of them. */
  members: string[];
  /**
   * `802.3ad` (LACP, the default) needs a switch that is set up for it and lets a single card boot before that;
   * `active-backup` needs nothing.
   */
  mode?: "802.3ad" | "active-backup" | "balance-xor" | "balance-alb" | "balance-tlb";
}

/** A host that is reached by ssh. */
export interface SshHostArgs {
  /** `root@10.0.100.1`, or another account that has sudo without a password (as a `jump` it needs none). */
  ssh: string;
  /** Default 22. */
  port?: number;
  /** Private key that lets Flint in. */
  privateKey: SecretSource;
  /** The host's public key, or several, in OpenSSH one-line form. The host must show one of them. */
  hostKey: TextSource | TextSource[];
  /** A host to go through. Default: none. */
  jump?: SshHostArgs;
}

/**
 * The machine that Pulumi runs on, as provisioning host: as root, or with sudo that asks for no password. `pxe.address` must be
 * given. What Flint keeps there for a lost state is protected by file modes alone.
 */
export interface LocalHostArgs {
  local: true;
}

export interface DhcpArgs {
  /**
   * `full`: Flint's dnsmasq gives out addresses. `proxy`: another DHCP server does, Flint adds the boot files only. `external`:
   * another DHCP server does both, as the output `dhcpOptions` tells its administrator; Flint serves the files.
   */
  mode: "full" | "proxy" | "external";
  /**
   * First and last address for machines that are not registered; must not hold a node's address. Only in mode `full`.
   * Default: machines that are not registered get no address.
   */
  range?: [string, string];
  /** How long a machine that is not registered keeps its address. At least "2m". Default "1h". */
  leaseTime?: Duration;
  /**
   * True: the provisioning host is in another network, and a router relays the machines' DHCP requests to it ("IP helper"). Needs
   * `gateway` of the provisioning network. Not in mode `proxy`. Default false.
   */
  relay?: boolean;
}

/** The provisioning host: serves DHCP, TFTP and HTTP on the provisioning network. */
export interface PxeArgs {
  host: SshHostArgs | LocalHostArgs;
  /** The host's interface on the provisioning network, as `eth1`. */
  interface: string;
  /** The host's address on the provisioning network. Default: the address in `host.ssh`. */
  address?: string;
  dhcp: DhcpArgs;
  /**
   * Installs missing packages (dnsmasq-base, nginx-light, ipxe, curl) on a Debian or Ubuntu host, and removes what it
   * installed on destroy. Default true; false when the host is managed elsewhere, or is another distribution.
   */
  prepare?: boolean;
}

/** Where the machines' systems are built from. */
export interface SystemArgs {
  /** A directory (relative to the project) or a flake reference. Its systems are switched when its content changes. */
  flake: string;
  /** Flake inputs to replace: name → directory or flake reference. Default: none. */
  inputs?: Record<string, string>;
}

/** A file from a URL or a path, checked by its digest. */
export type FileArgs = { url: string; sha256: string } | { path: string; sha256: string };

/** A prebuilt netboot image, used instead of building one from the flake. */
export interface ImageArgs {
  kernel: FileArgs;
  initrd: FileArgs;
  /** Kernel command line without the node-specific part. */
  cmdline: string;
}

/** TCP ports of the services. Changing one switches every system. */
export interface ServicesArgs {
  /** Default 2379 and 2380. */
  chainfire?: { apiPort?: number; raftPort?: number };
  /** Default 2479 and 2480. */
  flaredb?: { apiPort?: number; raftPort?: number };
  /** Default 8080. */
  iam?: { port?: number };
  /** Default 8081. */
  plasmavmc?: { port?: number };
}

/** A command of yours, run by a shell with FLINT_CLUSTER, FLINT_NODE, FLINT_ADDRESS and FLINT_PROFILE set. */
export type HookArgs = string | { run: string; on?: "operator" | "provisioning-host" };

/** Commands around a node's installation. They run once per installation (a raised `generation` runs them again). */
export interface HooksArgs {
  /** Before the machine is powered on. Default: none. */
  beforeInstall?: HookArgs;
  /** After the installed system runs. Default: none. */
  afterInstall?: HookArgs;
}

/** How long each step may take before it ends with the reason and a remedy. Changing one changes nothing else. */
export interface DeadlinesArgs {
  /** Building images and systems. Default "2h". */
  build?: Duration;
  /** Power-on until the installer answers. Default "20m". */
  boot?: Duration;
  /** Writing the disk. Default "1h". */
  install?: Duration;
  /** Reboot until the installed system is verified. Default "20m". */
  firstBoot?: Duration;
  /** Until a new member votes. Default "10m". */
  join?: Duration;
  /** Until the whole cluster is healthy. Default "5m". */
  health?: Duration;
}

/** How one disk is recognised. Everything given must match exactly one disk of the machine, or nothing is written. */
export interface DiskIdentityArgs {
  /** Serial number. Give this or `wwn` where you can. A changed identity counts from the next installation on. */
  serial?: string;
  /** World Wide Name. */
  wwn?: string;
  /** "480GB": matches within 2 %. Alone it must fit one disk only. */
  size?: string;
  /** Consent to wipe one foreign content, as named in the error that refused it. Default: none. */
  release?: string;
}

/** The second disk of a mirrored pair: the machine goes on when one of the two fails. */
export interface MirrorDiskArgs extends DiskIdentityArgs {
  /**
   * `mdraid`: Linux' own RAID 1, with ext4. `btrfs`: raid1 of data and metadata. `zfs`: a mirrored pool, with `uefi` only.
   * Default "mdraid". Changing it takes a raised `generation`.
   */
  kind?: "mdraid" | "btrfs" | "zfs";
}

/** A disk for the state of Chainfire and FlareDB, so that nothing else delays their writes. Not for workers. */
export interface DataDiskArgs extends DiskIdentityArgs {
  /** Encrypts the disk (LUKS) with this text; the system keeps it among its secrets. Default: not encrypted. */
  key?: SecretSource;
}

/** Which disks are written. One that is missing or in doubt stops before any of them is. */
export interface DiskArgs extends DiskIdentityArgs {
  /** A second disk with the same content. Default: none. Adding or removing it takes a raised `generation`. */
  mirror?: MirrorDiskArgs;
  /** A disk for the raft services' state. Default: none, it is on the system's disk. As with `mirror`. */
  data?: DataDiskArgs;
}

/** One machine. Its key in `nodes` is its name: renaming replaces the machine. */
export interface NodeArgs {
  /** Changing it switches the system; voters come and go with it. */
  profile: Profile;
  /** True for the machines that form the cluster at its birth. Default false: joins the running cluster. */
  bootstrap?: boolean;
  /** MAC of the card on the provisioning network, which boots. Changing it replaces the machine. */
  mac: string;
  /** MAC of the card on the cluster network. Default: the same card serves both. Switches. */
  clusterMac?: string;
  /** The installed system's card `mac` as a bond with others. Default: that card alone. Switches. */
  bond?: BondArgs;
  /** The same for `clusterMac`. Without `clusterMac`, both networks are on `bond`. */
  clusterBond?: BondArgs;
  /** Fixed addresses, outside of the DHCP range. Changing one takes a raised `generation`. */
  addresses: { provisioning: string; cluster: string };
  disk: DiskArgs;
  bmc: RedfishBmcArgs | IpmiBmcArgs | WakeOnLanBmcArgs | ManualBmcArgs;
  /** The machine's serial number: it is refused when its BMC or its installer reports another. Default: not checked. */
  serial?: string;
  /** The machine's SMBIOS UUID, lower case; as `serial`. Default: not checked. */
  uuid?: string;
  /** Default "uefi". Changing it takes a raised `generation`. */
  firmware?: "uefi" | "bios";
  /**
   * How the firmware loads iPXE when the machine is installed: `pxe` by TFTP, `uefi-http` by UEFI HTTP boot. The latter needs
   * firmware "uefi", a BMC other than IPMI, and DHCP mode full or external. Default "pxe". Changes nothing on the machine.
   */
  networkBoot?: "pxe" | "uefi-http";
  /**
   * How iPXE hands the installed machine over to its disk, where the network comes first in its boot order. `ipxe-exit`: back
   * to the firmware, which takes the next entry; `ipxe-sanboot`: it starts BIOS' first disk itself; `http-404`: back to the
   * firmware as after a boot file that is missing. Default: `ipxe-exit` with UEFI, `ipxe-sanboot` with BIOS. Changes nothing
   * on the machine.
   */
  bootFromDisk?: "ipxe-exit" | "ipxe-sanboot" | "http-404";
  /** Additional kernel parameters. Default: none. Switches and reboots. */
  kernelParams?: string[];
  /** Free labels, readable on the node in /etc/flint/node.json. Default: none. Switches without a reboot. */
  labels?: Record<string, string>;
  /** On destroy or removal: switch it off, leave it running, or wipe its disk and switch it off. Default "power-off". */
  onDelete?: "power-off" | "leave" | "wipe";
  /** Raise it to install the machine anew: its members leave first and join again. Default 1. */
  generation?: number;
  /** Default: the cluster's `hooks`. */
  hooks?: HooksArgs;
}

/** A cluster and its machines. The same shape as `flint:cluster` in a stack file. */
export interface ClusterArgs {
  /** Name of the cluster. Changing it replaces everything. */
  name: string;
  /** DNS domain of the machines: node01 is `node01.<domain>`. Changing it renews certificates and switches systems. */
  domain: string;
  networks: { provisioning: ProvisioningNetworkArgs; cluster: ClusterNetworkArgs };
  pxe: PxeArgs;
  /** Access to all BMCs, where a node does not say otherwise. */
  bmc?: BmcDefaultsArgs;
  system: SystemArgs;
  /** Prebuilt netboot images. Default: built from `system.flake`. */
  images?: Partial<Record<Profile, ImageArgs>>;
  services?: ServicesArgs;
  hooks?: HooksArgs;
  deadlines?: DeadlinesArgs;
  /**
   * How many machines are written to at the same time, 1 to 1000. Default 16: their systems travel through the network of the machine
   * that runs Pulumi, and each has to arrive within `deadlines.install`. More where that network is fast.
   */
  installsAtOnce?: number;
  /** Public keys that may log in as root, besides Flint's own. Default: none. Switches the systems. */
  sshAuthorizedKeys?: string[];
  /** Put before the names of all Pulumi resources, for several clusters in one stack. Default: none. Replaces all. */
  prefix?: string;
  nodes: Record<string, NodeArgs>;
}
