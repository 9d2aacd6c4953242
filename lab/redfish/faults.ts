import { z } from "zod";

/**
 * Ways in which a BMC misbehaves, by name. All of them have been met on real hardware; none is active by default.
 * Both racks and the tests use these names.
 */
export const faultsSchema = z.strictObject({
  /** Takes connections and never answers. */
  bmcFreezes: z.boolean().optional(),
  /** Every n-th request ends with a closed connection. */
  dropsEvery: z.int().min(1).optional(),
  /** Milliseconds before each answer. */
  slowAnswers: z.number().min(0).optional(),
  /** The next n requests are answered 503 with Retry-After. */
  busy503: z.int().min(0).optional(),
  /** Takes the boot override, shows it, and boots in the usual order all the same. */
  overrideIgnored: z.boolean().optional(),
  /** Answers a boot override with success, and forgets it. */
  overrideForgotten: z.boolean().optional(),
  /** Answers 400 to a boot override. */
  overrideRefused: z.boolean().optional(),
  /** Knows no one-time boot override: it lists and takes none but one that lasts, for every boot until it is disabled. */
  noOnce: z.boolean().optional(),
  /** Answers the reset at once, and the power changes after that many milliseconds. */
  slowPower: z.number().min(0).optional(),
  /** Answers the reset with success, and nothing happens. */
  powerStuck: z.boolean().optional(),
  /** Reports this power state, whatever the machine's is. */
  powerShown: z.enum(["On", "Off"]).optional(),
  /** Answers a reset with 202 and a task. */
  asyncReset: z.boolean().optional(),
  /** A reset's task ends with an exception (with `asyncReset`), or the reset is answered 500. */
  resetFails: z.boolean().optional(),
  /** A PATCH without If-Match is answered 428. */
  requireIfMatch: z.boolean().optional(),
  /** There is no SessionService; only basic authentication works. */
  noSessions: z.boolean().optional(),
  /** A session's token works for n requests. */
  sessionsExpire: z.int().min(1).optional(),
  /** The right password is refused. */
  passwordRefused: z.boolean().optional(),
  /** Reports this serial number instead of the machine's own. */
  otherSerial: z.string().min(1).optional(),
  /** Reports that its machine's cards have no link. */
  noLink: z.boolean().optional(),
});
export type Faults = z.infer<typeof faultsSchema>;
export type FaultName = keyof Faults;
export const FAULT_NAMES = Object.keys(faultsSchema.shape) as FaultName[];
