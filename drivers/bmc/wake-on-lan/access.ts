import { z } from "zod";
import { access } from "../access.js";
import type { WakeOnLanAddress } from "./address.js";

export const wakeOnLan = access({
  type: "wake-on-lan",
  declared: z.object({ type: z.literal("wake-on-lan") }),
  address: ({ type }, { mac, from }): WakeOnLanAddress => ({ type, mac, from }),
  seesPower: false,
  open: async (address, context) => (await import("./driver.js")).openWakeOnLan(address, context),
});
