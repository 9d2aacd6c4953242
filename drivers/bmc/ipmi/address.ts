/** A BMC with IPMI 2.0 over LAN (RMCP+). */
export interface IpmiAddress {
  type: "ipmi";
  /** Address or name. */
  host: string;
  /** UDP. Default 623. */
  port?: number;
  /** At most 16 bytes. */
  username: string;
  /** At most 20 bytes. */
  password: string;
  /** Default: the best of those that the BMC lists. */
  cipherSuite?: CipherSuite;
}

/** UDP (RMCP, IANA: asf-rmcp). */
export const IPMI_PORT = 623;

/** Bytes of a user name and of a password in IPMI 2.0 (sections 22.28 and 22.30); ipmitool cuts longer ones without a word. */
export const IPMI_LONGEST = { username: 16, password: 20 } as const;

/**
 * Cipher suites with authentication, integrity and encryption (IPMI 2.0, table 22-20): 3 with SHA-1, 8 and 12 with
 * MD5, 17 with SHA-256, all with AES. The others send commands in the clear.
 */
export const CIPHER_SUITES = [3, 8, 12, 17] as const;
export type CipherSuite = (typeof CIPHER_SUITES)[number];
