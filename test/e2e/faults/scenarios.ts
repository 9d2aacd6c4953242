import type { ClusterArgs } from "../../../components/cluster/args.js";
import type { FaultOrder } from "../../../lab/simulated/schema.js";
import type { Injection, Sign } from "./faulty-run.js";

type MachineOrder = NonNullable<FaultOrder["machines"]>[string];
type MachineFault = NonNullable<MachineOrder["machine"]>;
type BmcFault = NonNullable<MachineOrder["bmc"]>;

/** One `pulumi up` during which things go wrong. */
export interface Run {
  injections: readonly Injection[];
  /** What changes in the declaration from this run on. Default: nothing. */
  declare?: (args: ClusterArgs) => void;
  /** Resource → the one error that a user reads about it. Every other machine runs its system afterwards. Default: none, exit code 0. */
  errors?: Readonly<Record<string, string>>;
  /** What else the output says. */
  says?: readonly string[];
}

/** One rack and what happens to it; after its runs all faults are gone, and a plain `up` must do the rest. */
export interface Scenario {
  title: string;
  machines: number;
  runs: readonly Run[];
  /** Machines whose installation was interrupted while it wrote: their disks are formatted twice. */
  twice?: readonly string[];
  /** Those that a person restarts when the fault is mended, as the error asks for. */
  restarted?: readonly string[];
}

const machine = (name: string, faults: MachineFault, at?: Sign): Injection => ({
  at,
  order: { machines: { [name]: { machine: faults } } },
});
const bmc = (name: string, faults: BmcFault): Injection => ({ order: { machines: { [name]: { bmc: faults } } } });
const when = (name: string, event: string, what?: string): Sign => ({
  machine: name,
  event,
  ...(what === undefined ? {} : { what }),
});
const host = (faults: FaultOrder["host"], at: Sign): Injection => ({ at, order: { host: faults } });
const each = (names: readonly string[], text: (name: string) => string): Record<string, string> =>
  Object.fromEntries(names.map((name) => [name, text(name)]));

const relabel = (args: ClusterArgs) => {
  for (const node of Object.values(args.nodes)) node.labels = { rack: "b2" };
};

const VOTERS = ["node01", "node02", "node03"];

const bmcOf = (n: number, phase = "start of the installer") => `node0${n}, ${phase}, BMC at https://10.78.1.${n + 1}`;
const noInstaller = (n: number, found: string, remedy: string) =>
  `node0${n}, start of the installer: expected the installer of node0${n} to answer ssh at 10.77.1.${n + 1} within 20 s but found ${found}. ${remedy} [BOOT_TIMEOUT]`;
const noSystem = (n: number, found: string, remedy: string) =>
  `node0${n}, start from disk: expected the installed system of node0${n} to answer ssh at 10.77.1.${n + 1} within 20 s but found ${found}. Look at the machine's console: ${remedy}. Then restart it and run \`pulumi up\` again. Its disk is not written again by itself. [FIRST_BOOT_TIMEOUT]`;
const STUCK = "Look at the machine and its BMC's event log, then run the update again. [BMC_TIMEOUT]";

export const SCENARIOS: readonly Scenario[] = [
  {
    title: "BMCs that are busy, hang up and take their time are overcome; frozen, stuck and unwilling ones are named",
    machines: 8,
    runs: [
      {
        injections: [
          bmc("node01", { busy503: 3 }),
          bmc("node02", { dropsEvery: 3 }),
          bmc("node03", { slowPower: 3000, asyncReset: true }),
          bmc("node04", { bmcFreezes: true }),
          bmc("node05", { passwordRefused: true }),
          bmc("node06", { overrideRefused: true }),
          bmc("node07", { overrideForgotten: true }),
          bmc("node08", { powerStuck: true }),
        ],
        errors: {
          node04: `${bmcOf(4, "first look")}: expected the power state within 1 min but found nothing after 1 min. The BMC may be frozen: try its web page, reset the BMC (not the machine), then run the update again. [BMC_TIMEOUT]`,
          node05: `${bmcOf(5, "first look")}: expected user admin to be let in but found HTTP 401: The credentials included with this request are missing or invalid. Check bmc.username and bmc.password of node05, and that the account may control power and boot. [BMC_AUTH]`,
          node06: `${bmcOf(6)}: expected boot from pxe to be accepted but found HTTP 400: The property is a read only property and cannot be assigned a value: BootSourceOverrideTarget. See what the BMC says above; its firmware may need an update, or the setting may be locked in the BIOS. [BMC_REFUSED]`,
          node07: `${bmcOf(7)}: expected boot override Once, Pxe but found Disabled, None. The BMC took the change and does not show it. Update its firmware, or set the boot order in the BIOS. [BMC_BOOT_IGNORED]`,
          node08: `${bmcOf(8)}: expected power on within 1 min but found Off, although the BMC accepted the change. ${STUCK}`,
        },
      },
    ],
  },
  {
    title: "BMCs that are slow, ignore the boot source or forget sessions are overcome; wrong power states are named",
    machines: 8,
    runs: [
      {
        injections: [
          bmc("node01", { slowAnswers: 300 }),
          bmc("node02", { overrideIgnored: true }),
          bmc("node03", { sessionsExpire: 1 }),
          bmc("node04", { noSessions: true, requireIfMatch: true }),
          bmc("node05", { powerShown: "Off" }),
          bmc("node06", { powerShown: "On" }),
          bmc("node07", { resetFails: true }),
          bmc("node08", { otherSerial: "SIM-99" }),
        ],
        errors: {
          node05: `${bmcOf(5)}: expected power on within 1 min but found Off, although the BMC accepted the change. ${STUCK}`,
          node06: `${bmcOf(6)}: expected power cycle within 1 min but found On, although the BMC accepted the change. ${STUCK}`,
          node07: `${bmcOf(7)}: expected power on (On) to be accepted but found HTTP 500: The request failed due to an internal service error: the power controller did not answer. See what the BMC says above; its firmware may need an update, or the setting may be locked in the BIOS. [BMC_REFUSED]`,
          node08:
            "node08, start of the installer, BMC: expected a machine with serial SIM-8 but found serial SIM-99. Correct the node's bmc, serial or uuid in the stack file. Nothing was powered on or written. [MACHINE_IDENTITY]",
        },
      },
    ],
  },
  {
    title: "lost DHCP requests, a slow machine and a busy sshd are overcome; what does not boot is told from the wire",
    machines: 8,
    runs: [
      {
        injections: [
          machine("node01", { dhcpLost: 3 }),
          machine("node02", { sshResets: 3 }),
          machine("node03", { slow: 3 }),
          machine("node04", { noLink: true }),
          machine("node05", { transferBreaks: 1 }),
          machine("node06", { outOfMemory: true }),
          machine("node07", { otherAddress: true }),
          machine("node08", { otherSystem: true }),
          bmc("node08", { overrideIgnored: true }),
        ],
        errors: {
          node04: noInstaller(
            4,
            "no DHCP request on the wire",
            "Check the link and VLAN of the card with MAC 52:54:00:00:00:04, that its switch port forwards at once (an edge port of " +
              "the spanning tree), and that the firmware boots from it.",
          ),
          node05: noInstaller(
            5,
            "the initrd stopped: initrd 40 % of 0 MB; nothing since …",
            "Check the link's speed and errors, and the machine's memory: kernel and initrd must fit into it twice.",
          ),
          node06: noInstaller(
            6,
            "kernel and initrd were fetched, but ssh does not answer; nothing since …; it has 8192 MiB of memory, which is enough",
            "Look at the machine's console: the kernel stopped, or it has no driver for the network card.",
          ),
          node07: noInstaller(
            7,
            "an offer of 10.77.1.8, which the machine did not take; nothing since …",
            "Another DHCP server may have won, or the firmware refuses the offer: check for a second DHCP server.",
          ),
          node08: noInstaller(
            8,
            "no DHCP request on the wire, although its BMC took the network as boot source and showed it when read back; another " +
              "system, with another host key, answers ssh at its address",
            "The firmware ignores its BMC's boot override, or another machine has its address: put the card with MAC " +
              "52:54:00:00:00:08 first in the boot order in the BIOS, where it may stay, as a finished machine is sent on to its disk; " +
              "or update the firmware of BIOS and BMC.",
          ),
        },
      },
    ],
  },
  {
    title: "disks, machines and commands that are not as they should be stop one machine, and nothing is written twice",
    machines: 8,
    runs: [
      {
        injections: [
          machine("node02", { sshHalves: 2 }, when("node02", "installer-up")),
          machine("node03", { restartsInstalling: 1 }),
          machine("node04", { diskErrors: true }),
          machine("node05", { otherDisk: { serial: "DISK-77" } }),
          machine("node06", { otherDisk: { foreign: "xfs" } }),
          machine("node07", { otherSerial: "SIM-99" }),
          machine("node08", { sshHangs: 2 }, when("node08", "installer-up")),
        ],
        errors: {
          node03:
            'node03, installation: expected nixos-anywhere to finish "copying the system" but found exit code 1: error: Connection to the machine was lost; its installer does not answer any more (ssh: refused). It has restarted, or its network is gone: see its console, then run `pulumi up` again. It installs again: the disk carries this installation\'s mark. [INSTALL_FAILED]',
          node04:
            'node04, installation: expected nixos-anywhere to finish "formatting the disk" but found exit code 1: error: /dev/vda: Input/output error. The disk or its cable is failing: see the machine\'s console, replace it (and declare the new one), and run `pulumi up` again. [INSTALL_FAILED]',
          node05:
            "node05, look at its disks, disk serial DISK-5: expected one disk with this identity but found /dev/vda (serial DISK-77, 100 GB: blank). Correct the node's disk in the stack file, or check the cabling. Nothing was written. [DISK_NOT_FOUND]",
          node06:
            "node06, look at its disks, disk DISK-6: expected a blank disk, or one formatted by this installation but found /dev/vda (serial DISK-6, 100 GB: xfs). To wipe it, set disk.release: DISK-6-316ea1 for node06; or declare another disk. Nothing was written. [DISK_NOT_OURS]",
          node07:
            "node07 at 10.77.1.8, look at its disks: expected a machine with serial SIM-7 but found serial SIM-99. Correct the node in the stack file, or the cabling. Nothing was written. [MACHINE_IDENTITY]",
          node08:
            "node08, look at its disks: node08's installer, the lock: expected an end within 20 s but found a command that still runs; it was sent SIGHUP. Check what node08's installer is busy with, then run the update again. [SSH_DEADLINE]",
        },
      },
    ],
    twice: ["node03", "node04"],
  },
  {
    title:
      "a machine that restarts by itself, or names its disks anew, is overcome; dead, swapped and full ones are named",
    machines: 8,
    runs: [
      {
        injections: [
          machine("node01", { disksReordered: true }),
          { order: { machines: { node02: { at: "installed", machine: { restarts: 1 } } } } },
          { order: { machines: { node03: { at: "installer-up", machine: { sshRefused: 20_000 } } } } },
          machine("node04", { noPost: true }),
          { order: { machines: { node05: { at: "dhcp", machine: { powerFails: true } } } } },
          machine("node06", { diskFull: true }),
          machine("node07", { diskSwappedWith: "node08" }),
        ],
        errors: {
          node04: noInstaller(
            4,
            "no DHCP request on the wire",
            "Check the link and VLAN of the card with MAC 52:54:00:00:00:04, that its switch port forwards at once (an edge port of " +
              "the spanning tree), and that the firmware boots from it.",
          ),
          node05: noInstaller(
            5,
            "DHCPACK, but no boot file was asked for; nothing since …; its BMC shows it off",
            "It has lost its power, or was switched off: see its BMC's event log, mend the cause, then run `pulumi up` again: it is switched on, and goes on from here.",
          ),
          node06:
            'node06, installation: expected nixos-anywhere to finish "copying the system" but found exit code 1: error: writing to file: No space left on device. The system does not fit on the disk: declare a larger one, or a smaller system, and run `pulumi up` again. [INSTALL_FAILED]',
          ...each(
            ["node07", "node08"],
            (name) =>
              `${name}, look at its disks, disk serial DISK-${name.slice(-1)}: expected one disk with this identity but found /dev/vda (serial DISK-${name === "node07" ? 8 : 7}, 100 GB: blank). Correct the node's disk in the stack file, or check the cabling. Nothing was written. [DISK_NOT_FOUND]`,
          ),
        },
      },
    ],
  },
  {
    title: "services that are late are waited for; systems and services that do not start are named with where to look",
    machines: 8,
    runs: [
      {
        injections: [
          machine("node02", { services: { late: 4000 } }),
          machine("node03", { services: { crashLoop: ["chainfire"] } }),
          machine("node04", { systemHangs: true }, when("node04", "installed")),
          machine("node05", { otherSystem: true }, when("node05", "installed")),
          machine("node06", { services: { late: 5_000_000 } }),
          machine("node07", { services: { crashLoop: ["plasmavmc"] } }),
          machine("node08", { slow: 80 }, when("node08", "format")),
        ],
        errors: {
          "chainfire-node03":
            "node03, forming the cluster, chainfire: expected Chainfire on node03 to be healthy within 40 s but found no answer. See `journalctl -u chainfire -u chainfire-cluster-join` on node03. [SERVICE_UNHEALTHY]",
          node04: noSystem(4, "no sshd on its address, or one that hangs up", "bootloader, kernel or network"),
          node05: noSystem(
            5,
            "another host key: another system has started, or the installer again",
            "in the BIOS the disk with the installed system must come first",
          ),
          ...each(
            ["node06", "node07"],
            (name) =>
              `${name}, start of its services, plasmavmc: expected plasmavmc on ${name} to be healthy within 20 s but found plasmavmc answers ECONNREFUSED. See \`journalctl -u plasmavmc\` on ${name}. [SERVICE_UNHEALTHY]`,
          ),
          node08:
            'node08, installation: expected an end within 20 s but found it at "copying the system", last line: no output. The machine is still in the installer: see its console, mend the cause or raise deadlines.install, and run `pulumi up` again. [TOOL_TIMEOUT]',
        },
      },
    ],
    restarted: ["node03", "node04", "node05", "node06", "node07"],
  },
  {
    title:
      "a provisioning host whose ssh is gone for a while, which restarts, or whose servers have ended, is overcome",
    machines: 4,
    runs: [
      {
        injections: [
          host({ serversEnd: true }, when("pxe1", "command", "wrote /var/lib/flint/sim/images/worker.json")),
          host({ sshGone: 200_000 }, when("node01", "installer-up")),
          host({ restarts: 300_000 }, when("node02", "installed")),
        ],
        says: [
          "flint-sim-dnsmasq.service and flint-sim-nginx.service did not run on provisioning host: started. See the journal there.",
        ],
      },
    ],
  },
  {
    title: "full disks and builds that fail stop all machines that need them, and each goes on from its installer",
    machines: 3,
    runs: [
      {
        injections: [
          {
            at: when("pxe1", "command", "wrote /var/lib/flint/sim/images/control-plane.json"),
            order: { nix: { buildFails: 9 } },
          },
        ],
        errors: each(
          VOTERS,
          (name) =>
            `${name}, build of its system, flake RACK/flake: expected a successful build but found error: builder for 'simulated.drv' failed. Run the same \`nix build\` by hand to see the whole log. [NIX_BUILD]`,
        ),
      },
      {
        injections: [{ order: { nix: { buildFails: 0, diskFull: 9 } } }],
        errors: each(
          VOTERS,
          (name) =>
            `${name}, build of its system, flake RACK/flake: expected a successful build but found error: writing to file: No space left on device. Free space here, where nix builds (\`nix-collect-garbage\`), then run \`pulumi up\` again. [NIX_BUILD]`,
        ),
      },
      {
        injections: [{ order: { nix: { diskFull: 0 }, host: { diskFull: true } } }],
        errors: each(
          VOTERS,
          (name) =>
            `${name}, installation: provisioning host, writing /var/lib/flint/sim/nodes/${name}/record.json: expected success but found exit code 1: cat: write error: No space left on device. Free space on provisioning host (df -h), then run the update again: it goes on from here. [SSH_COMMAND]`,
        ),
      },
    ],
  },
  {
    title:
      "while running systems are changed, what breaks off on one machine stops that one, and none is installed again",
    machines: 5,
    runs: [
      { injections: [] },
      {
        declare: relabel,
        injections: [
          machine("node02", { sshHalves: 1 }, when("node02", "copied")),
          machine("node03", { sshResets: 2 }, when("node03", "copied")),
          machine("node04", { copyBreaks: 1 }),
          bmc("node05", { bmcFreezes: true }),
        ],
        errors: {
          node04:
            "node04, switch to another system: expected the system STORE-nixos-system-node04 to arrive but found exit code 1: error: unexpected end-of-file while copying to 'ssh://root@10.77.1.5'. Check the space on the machine's disk and its ssh, then run `pulumi up` again: only what is missing is sent. [NIX_COPY]",
        },
      },
    ],
  },
];
