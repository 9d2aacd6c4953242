import { isIP } from "node:net";
import type { JsonGeneralName } from "@peculiar/x509";
import { z } from "zod";

/** The inputs that become a certificate's alternative names. */
export const alternativeNames = {
  dnsNames: z.array(z.string()).optional(),
  ipAddresses: z.array(z.string().refine((text) => isIP(text) !== 0, "not an IP address")).optional(),
  uris: z.array(z.url()).optional(),
};

/** The names in the order of Go's crypto/x509. */
export function toGeneralNames(names: z.infer<z.ZodObject<typeof alternativeNames>>): JsonGeneralName[] {
  return [
    ...(names.dnsNames ?? []).map((value) => ({ type: "dns" as const, value })),
    ...(names.ipAddresses ?? []).map((value) => ({ type: "ip" as const, value })),
    ...(names.uris ?? []).map((value) => ({ type: "url" as const, value })),
  ];
}
