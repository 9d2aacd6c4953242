/** A BMC with a Redfish service. */
export interface RedfishAddress {
  type: "redfish";
  /** `https://host[:port]`, without path. */
  url: string;
  username: string;
  password: string;
  /** PEM of the CA that signed the BMC's certificate. */
  ca?: string;
  /** SHA-256 of the BMC's certificate, as `AA:BB:…` or plain hex: pins it instead of verifying it. */
  fingerprint?: string;
  /** Path of the ComputerSystem, when the BMC serves several: `/redfish/v1/Systems/1`. */
  system?: string;
}
