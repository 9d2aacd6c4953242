import { z } from "zod";
import { access, chassis } from "../access.js";
import { CIPHER_SUITES, IPMI_PORT, type IpmiAddress } from "./address.js";

const declared = z.object({
  type: z.literal("ipmi"),
  host: z.string(),
  port: z.number().optional(),
  username: z.string().optional(),
  cipherSuite: z.literal(CIPHER_SUITES).optional(),
  chassis,
});

export const ipmi = access({
  type: "ipmi",
  declared,
  address: ({ type, host, port, cipherSuite }, { username, password }): IpmiAddress => ({
    type,
    host,
    ...(port === undefined ? {} : { port }),
    username,
    password,
    ...(cipherSuite === undefined ? {} : { cipherSuite }),
  }),
  sharedBy: ({ host, port = IPMI_PORT }) => `${host}:${port}`,
  seesPower: true,
  open: async (address, context) => (await import("./driver.js")).openIpmi(address, context),
});
