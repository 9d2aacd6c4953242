import type { ComputerSystem } from "./schema.js";

/** A way in which a vendor's BMC differs from the specification or from the others, and what the driver does about it. */
interface Quirk {
  vendor: string;
  /** Matches ComputerSystem.Manufacturer, or for what is no machine the path of its ComputerSystem. */
  manufacturer?: RegExp;
  path?: RegExp;
  /** What happens without it. */
  symptom: string;
  /** Who saw it, or who documents it. */
  source: string;
  effect: Effects;
}

export interface Effects {
  /** Sends BootSourceOverrideMode also when it has the wanted value already. */
  alwaysSendMode?: true;
  /** Never sends it: where it differs, only the firmware's own set-up can change it. */
  modeReadOnly?: true;
  /** Changes the boot override in the settings resource (`@Redfish.Settings`), for the next boot. */
  overrideInSettings?: true;
  /** Knows no end of an override: the usual order is the disk, chosen for good. */
  onlyContinuous?: true;
  /** `SerialNumber` is the board's; the machine's own, as SMBIOS shows it, is `SKU`. */
  serialInSku?: true;
  /** Refusals that pass by themselves, by the key of the message. */
  passing?: readonly string[];
  /** Listed among the systems, and no machine that could be installed. */
  notAMachine?: true;
}

/** Rows, not branches: a new one needs no other change. Lenovo and Fujitsu have none: what the driver does for all is enough. */
export const QUIRKS: readonly Quirk[] = [
  {
    vendor: "Supermicro",
    manufacturer: /supermicro/i,
    symptom: "The mode falls back to its default whenever the override is set without it.",
    source: "https://github.com/DMTF/Redfishtool/pull/106",
    effect: { alwaysSendMode: true },
  },
  {
    vendor: "AMI MegaRAC (ASRock Rack, Gigabyte and others)",
    manufacturer: /asrock|american megatrends|^ami\b|gigabyte|giga computing/i,
    symptom: "400 OperationSupportedInFutureStateURI: the override is accepted at /redfish/v1/Systems/Self/SD only.",
    source: "https://github.com/DMTF/Redfish-Tacklebox/issues/144",
    effect: { overrideInSettings: true },
  },
  {
    vendor: "AMI MegaRAC (ASRock Rack)",
    manufacturer: /asrock|american megatrends|^ami\b/i,
    symptom: "A change of the override is refused unless target, mode and duration come together.",
    source: "https://opendev.org/openstack/ironic/src/branch/master/ironic/drivers/modules/redfish/management.py",
    effect: { alwaysSendMode: true },
  },
  {
    vendor: "Dell iDRAC",
    manufacturer: /^dell\b/i,
    symptom: "SerialNumber is the mainboard's (CN…); the service tag, which the system itself shows, is SKU.",
    source: "https://github.com/ansible/ansible/issues/53461",
    effect: { serialInSku: true },
  },
  {
    vendor: "HPE iLO",
    manufacturer: /^(hpe?|hewlett.packard)\b/i,
    symptom: "A request that names BootSourceOverrideMode is refused, even with the value that it has.",
    source: "https://github.com/ansible-collections/community.general/issues/3509",
    effect: { modeReadOnly: true },
  },
  {
    vendor: "HPE iLO",
    manufacturer: /^(hpe?|hewlett.packard)\b/i,
    symptom: "400 while the machine is in POST (override) or still follows an earlier reset (power).",
    source: "https://github.com/ironcore-dev/metal-operator/issues/997",
    effect: { passing: ["UnableToModifyDuringSystemPOST", "InvalidOperationForSystemState"] },
  },
  {
    vendor: "sushy-tools",
    manufacturer: /^sushy emulator$/i,
    symptom: "Every override is Continuous; one without a target (Disabled) is refused.",
    source: "https://opendev.org/openstack/sushy-tools/src/branch/master/sushy_tools/emulator/main.py",
    effect: { onlyContinuous: true },
  },
  {
    vendor: "OpenBMC (IBM)",
    path: /\/Systems\/hypervisor\/?$/,
    symptom: "The hypervisor is listed as a second system.",
    source: "https://github.com/openbmc/bmcweb/blob/master/redfish-core/lib/hypervisor_system.hpp",
    effect: { notAMachine: true },
  },
  {
    vendor: "OpenBMC (NVIDIA)",
    path: /\/Systems\/HGX_Baseboard_\d+\/?$/,
    symptom: "The board of the GPUs is listed as a system, before the host.",
    source: "https://github.com/bb-Ricardo/check_redfish/issues/203",
    effect: { notAMachine: true },
  },
];

export function effectsFor({ Manufacturer }: Pick<ComputerSystem, "Manufacturer">): Effects {
  const rows = QUIRKS.filter(({ manufacturer }) => manufacturer?.test(Manufacturer?.trim() ?? "") === true);
  return Object.assign({}, ...rows.map(({ effect }) => effect));
}

/** False for what is listed among the systems and is none that could be installed. */
export function isMachine(path: string): boolean {
  return !QUIRKS.some((quirk) => quirk.effect.notAMachine === true && quirk.path?.test(path) === true);
}
