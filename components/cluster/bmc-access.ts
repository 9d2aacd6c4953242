import type { Secret } from "./source-reader.js";
import type { BmcAccess, BmcDefaults } from "./sources.js";

type WithoutCredentials<A extends BmcAccess> = A extends { username: string }
  ? Omit<A, "username" | "password"> & { username?: string }
  : A;
type RedfishAccess = Extract<BmcAccess, { type: "redfish" }>;

/** What a machine's resource says of its BMC: its password apart, because that alone is secret. */
export interface NodeBmc {
  bmc: WithoutCredentials<BmcAccess>;
  bmcPassword: Secret | undefined;
}

/** A machine's access to its BMC without what is common to all: that is kept once, with the provider. */
export function nodeBmc(access: BmcAccess, common: BmcDefaults): NodeBmc {
  if (access.type === "manual" || access.type === "wake-on-lan") return { bmc: access, bmcPassword: undefined };
  const { username, password, ...own } = access;
  return {
    bmc: {
      ...(own.type === "redfish" ? withOwnTrust(own, common) : own),
      ...(username === common.username ? {} : { username }),
    },
    bmcPassword: password === common.password ? undefined : password,
  };
}

function withOwnTrust({ ca, fingerprint, ...own }: WithoutCredentials<RedfishAccess>, common: BmcDefaults) {
  const trustsAsAll = ca === common.ca && fingerprint === common.fingerprint;
  return {
    ...own,
    ...(trustsAsAll || ca === undefined ? {} : { ca }),
    ...(trustsAsAll || fingerprint === undefined ? {} : { fingerprint }),
  };
}
