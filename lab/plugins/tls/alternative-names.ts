import type { JsonGeneralName } from "@peculiar/x509";
import type { AlternativeNames } from "./inputs.js";

/** The names in the order of Go's crypto/x509. */
export function toGeneralNames(names: AlternativeNames): JsonGeneralName[] {
  return [
    ...(names.dnsNames ?? []).map((value) => ({ type: "dns" as const, value })),
    ...(names.ipAddresses ?? []).map((value) => ({ type: "ip" as const, value })),
    ...(names.uris ?? []).map((value) => ({ type: "url" as const, value })),
  ];
}
