import type { ComputerSystem } from "./schema.js";

/** A way in which a vendor's BMC differs from the specification, and what the driver does about it. */
interface Quirk {
  /** Matches ComputerSystem.Manufacturer. */
  manufacturer: RegExp;
  /** What happens without it, and who saw it. */
  symptom: string;
  source: string;
  effect: Effects;
}

export interface Effects {
  /** Sends BootSourceOverrideMode also when it has the wanted value already. */
  alwaysSendMode?: boolean;
  /** Changes the boot override in the settings resource (`@Redfish.Settings`), for the next boot. */
  overrideInSettings?: boolean;
}

/** Rows, not branches: a new one needs no other change. */
export const QUIRKS: readonly Quirk[] = [
  {
    manufacturer: /supermicro/i,
    symptom: "The mode falls back to its default whenever the override is set without it.",
    source: "https://github.com/DMTF/Redfishtool/pull/106",
    effect: { alwaysSendMode: true },
  },
  {
    manufacturer: /asrock|american megatrends|^ami$/i,
    symptom: "400 OperationSupportedInFutureStateURI: the override is accepted at /redfish/v1/Systems/Self/SD only.",
    source: "https://github.com/DMTF/Redfish-Tacklebox/issues/144",
    effect: { overrideInSettings: true },
  },
];

export function effectsFor(system: ComputerSystem): Effects {
  const rows = QUIRKS.filter(({ manufacturer }) => manufacturer.test(system.Manufacturer ?? ""));
  return Object.assign({}, ...rows.map(({ effect }) => effect));
}
