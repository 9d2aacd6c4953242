import { bmc, host, machine, noInstaller, type Scenario, when } from "../scenario.js";

const bmcOf = (n: number, phase = "start of the installer") => `node0${n}, ${phase}, BMC at https://10.78.1.${n + 1}`;
const STUCK = "Look at the machine and its BMC's event log, then run the update again. [BMC_TIMEOUT]";

/** BMCs, and the boot from the network. */
export const NETWORK_BOOT: readonly Scenario[] = [
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
            "the initrd stopped: initrd 40 % of 60 kB; nothing since …",
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
    title: "a provisioning host that is gone when a machine starts is named beside what did not come",
    machines: 1,
    runs: [
      {
        injections: [host({ gone: true }, when("node01", "boot"))],
        errors: {
          node01: noInstaller(
            1,
            "no DHCP request on the wire; provisioning host does not answer ssh (connection refused)",
            "Check that provisioning host is up, that 10.77.0.1 is its address, and that nothing blocks port 22. Machines boot from it.",
          ),
        },
      },
    ],
  },
];
