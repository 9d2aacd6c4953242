import { z } from "zod";

/** Ways in which nix misbehaves on the operator's machine. None is active by default. */
export const nixFaultsSchema = z.strictObject({
  /** The next n builds fail. */
  buildFails: z.int().min(0).optional(),
  /** The next n builds end for want of space. */
  diskFull: z.int().min(0).optional(),
  /** The next n builds do not end. */
  hangs: z.int().min(0).optional(),
});
export type NixFaults = z.infer<typeof nixFaultsSchema>;
