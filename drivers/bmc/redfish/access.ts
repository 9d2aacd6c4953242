import { z } from "zod";
import { access, chassis } from "../access.js";
import type { RedfishAddress } from "./address.js";

const declared = z.object({
  type: z.literal("redfish"),
  url: z.string(),
  username: z.string().optional(),
  ca: z.string().optional(),
  fingerprint: z.string().optional(),
  system: z.string().optional(),
  chassis,
});

export const redfish = access({
  type: "redfish",
  declared,
  address: ({ type, url, ca, fingerprint, system }, { username, password, common }): RedfishAddress => {
    // Whoever pins or verifies in its own way does not take the other way from the others.
    const trust = ca === undefined && fingerprint === undefined ? common : { ca, fingerprint };
    return {
      type,
      url,
      username,
      password,
      ...(trust.ca === undefined ? {} : { ca: trust.ca }),
      ...(trust.fingerprint === undefined ? {} : { fingerprint: trust.fingerprint }),
      ...(system === undefined ? {} : { system }),
    };
  },
  sharedBy: ({ url }) => url,
  seesPower: true,
  open: async (address, context) => (await import("./driver.js")).openRedfish(address, context),
});
