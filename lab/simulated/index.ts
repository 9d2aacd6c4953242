/**
 * `pulumi-flint/simulated`: a rack of machines in one process, to test programs that use Flint. Needs Linux and root; see the
 * README of this directory.
 *
 * ```ts
 * const rack = await LaunchedRack.start({ machines: 3 });
 * const project = await SimulatedProject.open(rack, { directory: "." });
 * await project.up();
 * const { counts, violations } = await rack.status();
 * ```
 */
import "./supported-node.js";

export type { ChancesOptions } from "./chances/schema.js";
export { LaunchedRack } from "./launch.js";
export type { Moment } from "./moments.js";
export { type OpenOptions, SimulatedProject } from "./project.js";
export type {
  Counts,
  FaultOrder,
  MachineOrder,
  MachineStatus,
  RackEvent,
  SimulationOptions,
  Status,
  StoredFile,
} from "./schema.js";
