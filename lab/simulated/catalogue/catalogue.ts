import { BMC_CATALOGUE } from "./bmc.js";
import { MACHINE_CATALOGUE } from "./machine.js";
import { HOST_CATALOGUE, NIX_CATALOGUE } from "./rack.js";

/** Every fault that a simulated rack knows, by whose it is. */
export const CATALOGUE = {
  machine: MACHINE_CATALOGUE,
  bmc: BMC_CATALOGUE,
  host: HOST_CATALOGUE,
  nix: NIX_CATALOGUE,
} as const;

export type Owner = keyof typeof CATALOGUE;
export const OWNERS = Object.keys(CATALOGUE) as Owner[];
