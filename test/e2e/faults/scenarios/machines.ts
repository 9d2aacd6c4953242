import { each, machine, noInstaller, type Scenario, when } from "../scenario.js";

const noSystem = (n: number, found: string, remedy: string) =>
  `node0${n}, start from disk: expected the installed system of node0${n} to answer ssh at 10.77.1.${n + 1} within 20 s but found ${found}. Look at the machine's console: ${remedy}. Then restart it and run \`pulumi up\` again. Its disk is not written again by itself. [FIRST_BOOT_TIMEOUT]`;

/** Disks, installations and installed systems. */
export const MACHINES: readonly Scenario[] = [
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
            "node06, look at its disks, disk DISK-6: expected a blank disk, or one formatted by this installation but found /dev/vda (serial DISK-6, 100 GB: xfs). To wipe it, set disk.release: DISK-6-700ecd for node06; or declare another disk. Nothing was written. [DISK_NOT_OURS]",
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
];
