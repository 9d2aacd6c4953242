import type { z } from "zod";
import type { Properties } from "./values.js";

/** What a resource's operation may use besides its properties. */
export interface Call {
  /** The last part of the URN: the name in the program. */
  name: string;
  /** Fires on Ctrl-C. */
  signal: AbortSignal;
  /** Shows a line on the resource while the operation runs; nothing of it is kept. */
  say(text: string): void;
  /** A warning that stays in the engine's diagnostics. */
  warn(text: string): void;
}

/** One resource type of a stand-in plugin, with the vendor's property names and its rules of replacement. */
export interface Resource<Inputs> {
  /** The type token: `tls:index/privateKey:PrivateKey`. */
  type: string;
  /**
   * Parses the inputs once all of them are known, with the vendor's defaults. Loaded when there is something to parse: the start of
   * a plugin counts in each preview, and zod is a third of it.
   */
  inputs(): Promise<z.ZodType<Inputs>>;
  /** The vendor's defaults, visible in the state. */
  defaults: Properties;
  /** Inputs whose change makes a new resource. */
  replaceOn: readonly string[];
  /** Inputs whose change is an update. */
  updateOn: readonly string[];
  /** Inputs of the vendor's that the stand-in refuses, so that nothing is silently left out. */
  refused?: readonly string[];
  /** Outputs that are secret whatever they were made from. */
  secretOutputs?: readonly string[];
  /** Outputs that are secret as soon as any input is, as the vendor's framework for the command plugin has it. */
  secretIfAnyInputIs?: readonly string[];
  /** A further reason for replacement that lies in the outputs, such as a certificate about to expire. */
  expired?(outputs: Properties, inputs: Properties): string | undefined;
  create(inputs: Inputs, call: Call): Promise<{ id: string; outputs: Properties }>;
  /** Returns the outputs besides the inputs. Default: the old ones are kept. */
  update?(inputs: Inputs, olds: Properties, call: Call): Promise<Properties>;
  /** Default: nothing to do. */
  remove?(outputs: Properties, call: Call): Promise<void>;
}

/** Keeps the type of the inputs between the parser and the operations. */
export const defineResource = <Inputs>(resource: Resource<Inputs>): Resource<Inputs> => resource;
