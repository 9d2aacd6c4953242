import { z } from "zod";
import { faultsSchema } from "../redfish/faults.js";

/** What the rack's daemon can be asked, one JSON object per connection. */
export const controlRequest = z.discriminatedUnion("do", [
  z.strictObject({ do: z.literal("status") }),
  z.strictObject({ do: z.literal("power"), node: z.string(), state: z.enum(["on", "off", "cycle"]) }),
  z.strictObject({ do: z.literal("screenshot"), node: z.string(), file: z.string() }),
  /** Replaces the faults of a machine's BMC; `{}` ends all. */
  z.strictObject({ do: z.literal("fault"), node: z.string(), faults: faultsSchema }),
  /** Ends the daemon; `machines: true` powers everything off before. */
  z.strictObject({ do: z.literal("stop"), machines: z.boolean() }),
]);
export type ControlRequest = z.infer<typeof controlRequest>;

export const machineStatus = z.object({
  name: z.string(),
  power: z.enum(["On", "Off", "PoweringOn", "PoweringOff"]),
  bootedFrom: z.enum(["pxe", "http", "disk"]).nullable(),
  /** Address whose ssh port answered, or null. */
  ssh: z.string().nullable(),
  bmc: z.string(),
  faults: faultsSchema,
  lastEvent: z.object({ t: z.string(), text: z.string() }).nullable(),
});
export type MachineStatus = z.infer<typeof machineStatus>;

export const controlAnswer = z.union([
  z.object({ ok: z.literal(true), machines: z.array(machineStatus).optional(), hostSsh: z.boolean().optional() }),
  z.object({ ok: z.literal(false), error: z.string() }),
]);
export type ControlAnswer = z.infer<typeof controlAnswer>;
