import { join } from "node:path";
import { makeKeyPair } from "../../../drivers/ssh/key-pair.js";
import { machineFiles } from "../../../lab/rack/layout.js";
import { bootScriptPath } from "../../../providers/bare-metal-node/render/boot-script.js";
import type { NodeInputs } from "../../../providers/bare-metal-node/schema.js";
import type { BootCause, StartCause } from "../../../providers/bare-metal-node/wire/causes.js";
import { DoctorBench, type MachineSpec, ROOT } from "./bench.js";
import { writeBootableDisk } from "./bootable-disk.js";

/** How a cause is brought about, for real, and what the doctor then finds. */
export interface Production {
  /** Default: its name. */
  cause?: BootCause;
  machine?: MachineSpec;
  /** A machine that another cause has made ready, and needs no power of its own. */
  on?: BootCause;
  /** Which round: the provisioning host's own files are as they should be, damaged, or gone. */
  round?: "whole" | "damaged" | "gone";
  /** Before the power comes. */
  before?: (name: string) => Promise<unknown>;
  /** Default: on, by the cord. */
  power?: "off";
  /** Its BMC boots it, as `pulumi up` asks for, whose error then is this one. */
  up?: RegExp;
  /** The installed system is waited for, and not an installer. */
  installed?: boolean;
  /** What the stack says of the machine. */
  stack?: () => Partial<NodeInputs>;
  says: RegExp;
}

/** The rack, with a machine for each cause that needs one of its own. */
export const bench = new DoctorBench(machinesOf());

/** The installer's own host key; who is let into it, which is not the stack's key; another attempt's host key. */
export const INSTALLER = makeKeyPair("installer");
export const ADMITTED = makeKeyPair("somebody else");
const OTHER = makeKeyPair("another attempt");

async function down(name: string): Promise<void> {
  await bench.inside(["ip", "link", "set", bench.tap(name), "down"]);
}

/** Packets from the machine that match one of these are dropped, where they enter the network. UEFI tries HTTP after TFTP. */
async function drop(name: string, ...matches: string[]): Promise<void> {
  await bench.inside(
    ["nft", "-f", "-"],
    `table netdev ${name.replaceAll("-", "_")} {
  chain from {
    type filter hook ingress device "${bench.tap(name)}" priority 0
${matches.map((match) => `    ${match} drop`).join("\n")}
  }
}
`,
  );
}

/** Another way to a cause. */
type Variant = "secure-boot";

function productions(): Record<BootCause | StartCause | Variant, Production> {
  return {
    "no-power": { power: "off", says: / Found that its power is off, as its BMC says\. / },
    "no-link": {
      before: async (name) => {
        await down(name);
        await bench.lab("fault", name, "noLink");
      },
      says: / Found no DHCP request on the wire; the card has no link, as its BMC says\. /,
    },
    // Link, as its BMC says, and nothing gets through: another VLAN.
    "no-dhcp-request": { before: down, says: / Found no DHCP request on the wire\. / },
    "from-disk": {
      before: async (name) => {
        await writeBootableDisk(machineFiles(bench.layout, name), bench.dir);
        await bench.lab("fault", name, "overrideIgnored");
      },
      up: /^from-disk: expected .* but found no DHCP request on the wire, only one by an operating system \(udhcp [0-9.]+\), although its BMC took the network as boot source and showed it when read back(; another system, with another host key, answers ssh at its address)?\. The firmware ignores its BMC's boot override: put the card with MAC 52:54:00:17:00:\S\S first in the boot order in the BIOS, where it may stay, as a finished machine is sent on to its disk; or update the firmware of BIOS and BMC\. \[BOOT_TIMEOUT\]$/,
      says: /Found no DHCP request on the wire, only one by an operating system \(udhcp [0-9.]+\), although its BMC took the network as boot source and showed it when read back(; another system, with another host key, answers ssh at its address)?\./,
    },
    "no-offer": {
      before: (name) =>
        bench.onHost(`rm ${ROOT}/dnsmasq/hosts.d/${name}; systemctl kill -s HUP flint-doctor-dnsmasq; sleep 1`),
      says: /Found DHCPDISCOVER, but no offer was made \(no address available\)/,
    },
    "offer-not-accepted": {
      before: otherServer,
      says: /Found an offer of 10\.23\.0\.\d+, but the machine asked the DHCP server at 10\.23\.0\.254 for 10\.23\.0\.2\d\d\./,
    },
    "boot-file-not-asked": {
      before: (name) => drop(name, "udp dport 69", "tcp dport 80"),
      says: /Found DHCPACK, but no boot file was asked for\./,
    },
    "boot-file-missing": {
      round: "gone",
      says: /Found the boot file (snponly|ipxe)\.efi was asked for, and is not there\./,
    },
    "tftp-stopped": {
      // Its acknowledgements of the first blocks arrive, those of the others do not.
      before: (name) => drop(name, "udp dport != { 53, 67, 68, 69, 4011 } quota over 3000 bytes", "tcp dport 80"),
      says: /Found TFTP began (to send snponly\.efi )?and stopped\./,
    },
    "wrong-architecture": {
      round: "gone",
      machine: { declared: "bios" },
      says: /Found firmware that asked as x86-64 UEFI(, by HTTP)? \((7|16)\), where x86-64 BIOS is declared\./,
    },
    "ipxe-not-started": {
      round: "damaged",
      says: /Found the boot file (snponly|ipxe)\.efi was sent, but iPXE asked for no script\./,
    },
    "secure-boot": {
      cause: "ipxe-not-started",
      machine: { secureBoot: true },
      up: /^secure-boot: expected .* but found the boot file (snponly|ipxe)\.efi was sent, but iPXE asked for no script; nothing since \d+ s; Secure Boot is on, as its BMC says\. Its firmware refuses iPXE, which is signed with no key that it knows: switch Secure Boot off in its setup or through its BMC, or sign iPXE with a key of yours \(docs\/how-it-boots\.md\)\. \[BOOT_TIMEOUT\]$/,
      says: /BMC power on, link up, 512 MiB of memory, Secure Boot on, .* iPXE asked for no script; Secure Boot is on, as its BMC says\. /,
    },
    "no-script": {
      before: (name) => bench.onHost(`rm ${ROOT}/http/${bootScriptPath(bench.mac(name))}`),
      says: /Found iPXE fetched \/nodes\/52-54-00-17-00-[0-9a-f]{2}\.ipxe \(404\), but not the node's script\./,
    },
    "no-kernel": {
      machine: { image: "worker" },
      before: () => removeImage("worker", "kernel"),
      says: /Found the kernel was refused: \/images\/[0-9a-f]{16}\/bzImage \(404\)\./,
    },
    "no-initrd": {
      machine: { image: "all-in-one" },
      before: () => removeImage("all-in-one", "initrd"),
      says: /Found the initrd was refused: \/images\/[0-9a-f]{16}\/initrd \(404\)\./,
    },
    "no-ssh": {
      machine: { memory: 64, firmware: "bios" },
      says: /it has 64 MiB of memory, and it needs about 320 MiB: 25 for the initrd, the same to unpack it, 14 for the kernel, 256 to run\./,
    },
    "login-refused": { says: /Found its installer answers, but refuses the cluster's login key\./ },
    "wrong-host-key": {
      on: "login-refused",
      before: (name) => record(name, { installerKey: OTHER }),
      says: /Found kernel and initrd were fetched, but ssh answers with another host key than this attempt's\./,
    },
    "system-off": { power: "off", installed: true, says: /Found that its power is off, as its BMC says\./ },
    "system-silent": { installed: true, before: down, says: /Found no answer by ssh at its address\./ },
    "sent-to-disk": {
      installed: true,
      says: /Found that it started from the network, was sent to its disk, and no system came from there\./,
    },
    "other-system": {
      on: "login-refused",
      before: (name) => record(name, { phase: "installed", installerKey: undefined }),
      says: /Found another host key at its address: another system has started, or another machine has the address\./,
    },
    "system-login-refused": {
      on: "login-refused",
      before: (name) => record(name, { phase: "installed", installerKey: undefined }),
      stack: () => ({ hostKeyPublic: INSTALLER.publicKey }),
      says: /Found the installed system, which refuses the cluster's login key\./,
    },
  };
}

export const PRODUCTIONS = productions();
export type Cause = keyof typeof PRODUCTIONS;
export const CAUSES = Object.keys(PRODUCTIONS) as Cause[];

function machinesOf(): Record<string, MachineSpec> {
  const all = Object.entries(productions()).filter(([, { on }]) => on === undefined);
  return Object.fromEntries(all.map(([cause, { machine = {} }]) => [cause, machine]));
}

/** The record says something else than the machine booted with; it stays as old as it was, and so its boot stays the last one. */
export async function record(name: string, change: Parameters<DoctorBench["record"]>[1]): Promise<void> {
  const file = `${ROOT}/nodes/${name}/record.json`;
  const written = await bench.onHost(`stat -c %Y ${file}`);
  await bench.drive({ do: "record", want: bench.want(name), record: bench.record(name, change) });
  await bench.onHost(`touch -d @${written} ${file}`);
}

async function removeImage(profile: string, part: "kernel" | "initrd"): Promise<void> {
  const pointer = JSON.parse(await bench.onHost(`cat ${ROOT}/images/${profile}.json`)) as Record<
    string,
    { path: string }
  >;
  await bench.onHost(`rm ${ROOT}/http${pointer[part]?.path}`);
}

/** A second DHCP server, which offers what firmware likes better; for this machine, and for whoever asks as an unknown one. */
async function otherServer(name: string): Promise<void> {
  bench.beside([
    ...["/usr/sbin/dnsmasq", "--keep-in-foreground", "--conf-file=/dev/null", "--pid-file=", "--user=root", "--port=0"],
    ...["--interface=prov", "--bind-interfaces", "--no-ping", "--dhcp-authoritative"],
    ...["--dhcp-range=10.23.0.200,10.23.0.210", `--dhcp-leasefile=${join(bench.dir, "other-leases")}`],
    ...[`--dhcp-host=${bench.mac(name)}`, "--dhcp-host=02:*:*:*:*:*", "--dhcp-ignore=tag:!known"],
    ...['--pxe-service=X86-64_EFI,"Other",other.efi', '--pxe-service=BC_EFI,"Other",other.efi'],
  ]);
  // Firmware that gets nothing from there tries HTTP, which only Flint offers: its cable is pulled when it has decided.
  // EDK2 writes the message's type first: option 53, length 1, DHCPREQUEST.
  const request = `ether src ${bench.mac(name)} and udp dst port 67 and udp[248:2] = 0x3501 and udp[250] = 3`;
  const tap = bench.tap(name);
  bench.beside([
    "sh",
    "-c",
    `timeout 400 tcpdump -i ${tap} -p -n -c 1 '${request}' && sleep 3 && ip link set ${tap} down`,
  ]);
}

/** The provisioning host gets what the machine boots with; then the cause is brought about. */
export async function register(cause: Cause): Promise<void> {
  const { installed, before } = PRODUCTIONS[cause];
  const want = bench.want(cause);
  const own = bench.record(cause, {
    initrd: "",
    ...(installed === true ? { phase: "installed", installerKey: undefined } : {}),
    ...(cause === "login-refused" ? { installerKey: INSTALLER } : {}),
  });
  await bench.drive({
    do: "register",
    want,
    record: own,
    ...(cause === "login-refused" ? { archive: ADMITTED } : {}),
  });
  await before?.(cause);
}
