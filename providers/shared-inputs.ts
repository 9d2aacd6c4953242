import type { HostTarget } from "../drivers/ssh/target.js";

/** What the resources of one cluster share: a resource of any kind takes those that are among its inputs. */
export interface SharedInputs {
  /** The provisioning host. */
  host: HostTarget;
  /** Lets Flint into installers and installed systems: private OpenSSH text, and its public line. */
  loginKey: { privateKey: string; publicKey: string };
  /** For BMCs that say nothing of their own. */
  bmcDefaults: { username?: string; password?: string; ca?: string; fingerprint?: string };
  /** PEM of the cluster's CA, and of the operator's client certificate. */
  ca: string;
  clientCert: string;
  clientKey: string;
  /** PEM of the CA's private key. */
  caKey: string;
}
