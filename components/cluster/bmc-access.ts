import type { Secret } from "./source-reader.js";
import type { BmcAccess, BmcDefaults } from "./sources.js";

/** What a machine's resource says of its BMC: its password apart, because that alone is secret. */
export interface NodeBmc {
  bmc:
    | { type: "manual" }
    | (Omit<Extract<BmcAccess, { type: "redfish" }>, "username" | "password"> & { username?: string });
  bmcPassword: Secret | undefined;
}

/** A machine's access to its BMC without what is common to all: that is kept once, with the provider. */
export function nodeBmc(access: BmcAccess, common: BmcDefaults): NodeBmc {
  if (access.type === "manual") return { bmc: access, bmcPassword: undefined };
  const { username, password, ca, fingerprint, ...own } = access;
  const trustsAsAll = ca === common.ca && fingerprint === common.fingerprint;
  return {
    bmc: {
      ...own,
      ...(username === common.username ? {} : { username }),
      ...(trustsAsAll || ca === undefined ? {} : { ca }),
      ...(trustsAsAll || fingerprint === undefined ? {} : { fingerprint }),
    },
    bmcPassword: password === common.password ? undefined : password,
  };
}
