import { z } from "zod";
import { access } from "../access.js";
import type { ManualAddress } from "./address.js";

export const manual = access({
  type: "manual",
  declared: z.object({ type: z.literal("manual") }),
  address: ({ type }): ManualAddress => ({ type }),
  seesPower: false,
  open: async (address, context) => (await import("./driver.js")).openManual(address, context),
});
