/** RFC 5280 key usages by the tls package's names: bits of the KeyUsage extension. */
export const keyUsages = {
  digital_signature: 1,
  content_commitment: 2,
  key_encipherment: 4,
  data_encipherment: 8,
  key_agreement: 16,
  cert_signing: 32,
  crl_signing: 64,
  encipher_only: 128,
  decipher_only: 256,
} as const;

/** Extended key usages by the tls package's names. */
export const extendedKeyUsages = {
  any_extended: "2.5.29.37.0",
  server_auth: "1.3.6.1.5.5.7.3.1",
  client_auth: "1.3.6.1.5.5.7.3.2",
  code_signing: "1.3.6.1.5.5.7.3.3",
  email_protection: "1.3.6.1.5.5.7.3.4",
  ipsec_end_system: "1.3.6.1.5.5.7.3.5",
  ipsec_tunnel: "1.3.6.1.5.5.7.3.6",
  ipsec_user: "1.3.6.1.5.5.7.3.7",
  timestamping: "1.3.6.1.5.5.7.3.8",
  ocsp_signing: "1.3.6.1.5.5.7.3.9",
  microsoft_server_gated_crypto: "1.3.6.1.4.1.311.10.3.3",
  netscape_server_gated_crypto: "2.16.840.1.113730.4.1",
  microsoft_commercial_code_signing: "1.3.6.1.4.1.311.2.1.22",
  microsoft_kernel_code_signing: "1.3.6.1.4.1.311.61.1.1",
} as const;

export type Use = keyof typeof keyUsages | keyof typeof extendedKeyUsages;

/** True for a name of either list. */
export const isUse = (name: string): name is Use => name in keyUsages || name in extendedKeyUsages;

/** The bits of the KeyUsage extension; 0 if none of the names is one. */
export function keyUsageBits(uses: readonly Use[]): number {
  return uses.reduce((bits, use) => bits | (use in keyUsages ? keyUsages[use as keyof typeof keyUsages] : 0), 0);
}

/** The object identifiers of the ExtendedKeyUsage extension, in the order given. */
export function extendedUsageIds(uses: readonly Use[]): string[] {
  return uses.flatMap((use) =>
    use in extendedKeyUsages ? [extendedKeyUsages[use as keyof typeof extendedKeyUsages]] : [],
  );
}
