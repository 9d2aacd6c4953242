import type { Problem } from "./problem.js";
import type { ClusterView, NodeView } from "./view.js";

/** What a machine needs before it can be found, switched on and written to. */
export function machineProblems(view: ClusterView): Problem[] {
  const problems = view.nodes.flatMap((node) => [
    ...bondProblems(node),
    ...diskProblems(node),
    ...bmcProblems(node, view.bmc),
    ...networkBootProblems(node, view.pxe.mode),
  ]);
  if (view.pxe.needsAddress !== undefined) {
    const why = { local: "pxe.host is this machine", ssh: "pxe.host.ssh names the host by name" };
    problems.push({
      path: "pxe.address",
      found: `missing, and ${why[view.pxe.needsAddress]}`,
      allowed: "the host's IPv4 address on the provisioning network",
      remedy: "Add it: machines that boot from the network know no names yet.",
    });
  }
  return problems;
}

function bondProblems({ bonds }: NodeView): Problem[] {
  return bonds.flatMap(({ path, card, cardKey, members }) => {
    if (card === undefined && cardKey === "clusterMac") {
      return [
        {
          path,
          found: "a bond without clusterMac",
          allowed: "clusterBond with clusterMac, one of its cards",
          remedy: "Name the card, or write `bond` if both networks are on the same cards.",
        },
      ];
    }
    if (card === undefined || members.length === 0 || members.some(({ value }) => value === card.value)) return [];
    return [
      {
        path: `${path}.members`,
        found: `"${card.value}" of ${card.path} is not among them`,
        allowed: "two cards or more, the network's own card among them",
        remedy: "Add it: the bond shows its address.",
      },
    ];
  });
}

function diskProblems({ disks, profile, firmware }: NodeView): Problem[] {
  const problems: Problem[] = disks
    .filter(({ keys }) => !["serial", "wwn", "size"].some((key) => keys.includes(key)))
    .map(({ path }) => ({
      path,
      found: "no identity",
      allowed: "serial, wwn or size, or several of them",
      remedy: "Name the disk that may be overwritten: `lsblk -o NAME,SERIAL,WWN,SIZE` shows them.",
    }));
  for (const { role, path, kind } of disks) {
    if (role === "data" && profile === "worker") {
      problems.push({
        path,
        found: "a data disk on a worker",
        allowed: "a data disk where Chainfire and FlareDB run: control-plane or all-in-one",
        remedy: "Remove it: a worker keeps no raft state.",
      });
    }
    if (kind === "zfs" && firmware === "bios") {
      problems.push({
        path: `${path}.kind`,
        found: "zfs on a machine that boots with bios",
        allowed: "mdraid or btrfs with bios; zfs with uefi",
        remedy: "Choose another kind: GRUB does not read every ZFS pool that Linux makes.",
      });
    }
  }
  return problems;
}

function bmcProblems({ bmc }: NodeView, common: ClusterView["bmc"]): Problem[] {
  if (bmc === undefined) return [];
  const [kind] = bmc.kinds;
  if (kind === undefined || bmc.kinds.length > 1) {
    return [
      {
        path: bmc.path,
        found: kind === undefined ? "none of redfish, ipmi, wakeOnLan and manual" : bmc.kinds.join(" and "),
        allowed: "one of redfish: https://…, ipmi: HOST, wakeOnLan: true, or manual: true",
        remedy:
          "Name the BMC's address; `wakeOnLan: true` when the machine has none and its card wakes it, `manual: true` when a person does.",
      },
    ];
  }
  const stray = bmc.stray.map(({ key, kind: owner }) => ({
    path: `${bmc.path}.${key}`,
    found: `${key} of a BMC that is reached by ${kind}`,
    allowed: `${key} beside ${owner}`,
    remedy: "Remove it.",
  }));
  if (kind === "manual" || kind === "wakeOnLan") return stray;
  const missing = (["username", "password"] as const)
    .filter((key) => !bmc[key] && !common[key])
    .map((key) => ({
      path: `${bmc.path}.${key}`,
      found: "missing",
      allowed: `the BMC's ${key}, here or once for all machines in bmc.${key}`,
      remedy:
        key === "password"
          ? "Set it with `pulumi config set --secret --path`, or name a file or an environment variable."
          : "Add it.",
    }));
  return [...stray, ...missing];
}

/** Who cannot boot by UEFI HTTP boot, or cannot be told to. A person, who sets what no BMC does, can. */
function networkBootProblems({ networkBoot, firmware, bmc }: NodeView, mode: ClusterView["pxe"]["mode"]): Problem[] {
  if (networkBoot?.value !== "uefi-http") return [];
  const { path } = networkBoot;
  const problems: Problem[] = [];
  if (firmware === "bios") {
    problems.push({
      path,
      found: "uefi-http on a machine that boots with bios",
      allowed: "pxe with bios; pxe or uefi-http with uefi",
      remedy: "Remove it, or declare firmware: uefi if the machine boots with that.",
    });
  }
  if (bmc?.kinds.join() === "ipmi") {
    problems.push({
      path,
      found: "uefi-http of a machine whose BMC is reached by ipmi",
      allowed: "pxe beside ipmi; pxe or uefi-http beside redfish, wakeOnLan or manual",
      remedy: "Reach the BMC by redfish if it has it, or remove it: IPMI has no word for UEFI HTTP boot.",
    });
  }
  if (mode === "proxy") {
    problems.push({
      path,
      found: "uefi-http in mode proxy of pxe.dhcp",
      allowed: "pxe in mode proxy; pxe or uefi-http in mode full or external",
      remedy: "Choose another mode, or remove it: beside another DHCP server Flint's adds boot files for PXE only.",
    });
  }
  return problems;
}
