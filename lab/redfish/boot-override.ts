import { z } from "zod";
import { BOOT_SOURCES, type BootSource } from "./backend.js";

export const OVERRIDE_ENABLED = ["Disabled", "Once", "Continuous"] as const;
type Enabled = (typeof OVERRIDE_ENABLED)[number];

export const overrideState = z.object({
  enabled: z.enum(OVERRIDE_ENABLED),
  target: z.enum(BOOT_SOURCES),
  mode: z.enum(["UEFI", "Legacy"]),
});
/** `Boot.BootSourceOverride…` of a ComputerSystem. */
export type OverrideState = z.infer<typeof overrideState>;

/** A PATCH of the override as a client sent it, already checked against the allowed values. */
export type OverrideChange = Partial<OverrideState>;

/** The boot override of one machine, kept by its BMC across power cycles, consumed by its firmware. */
export class BootOverride {
  /** True: firmware that boots in its own order whatever it was told (fault `overrideIgnored`). */
  ignored = false;
  /** True: a BMC that knows no one-time override (fault `noOnce`). */
  lasting = false;

  constructor(
    private current: OverrideState,
    private readonly keep: (state: OverrideState) => void = () => {},
  ) {}

  get state(): OverrideState {
    return this.current;
  }

  /** `Continuous, Pxe`; undefined: none is set. */
  get shown(): string | undefined {
    const { enabled, target } = this.current;
    return enabled === "Disabled" ? undefined : `${enabled}, ${target}`;
  }

  /** What `BootSourceOverrideEnabled` may be set to. */
  get allowed(): readonly Enabled[] {
    return this.lasting ? OVERRIDE_ENABLED.filter((each) => each !== "Once") : OVERRIDE_ENABLED;
  }

  /**
   * A target alone on a disabled override means "once", as BMCs of several vendors do, where they know that; disabling clears the
   * target.
   */
  change(change: OverrideChange): void {
    const next = { ...this.current, ...change };
    if (change.target !== undefined && change.enabled === undefined && this.current.enabled === "Disabled") {
      next.enabled = this.lasting ? "Continuous" : "Once";
    }
    this.set(next.enabled === "Disabled" || next.target === "None" ? disabled(next) : next);
  }

  /** What the next boot uses; a one-time override is consumed by asking. */
  take(): BootSource {
    const { enabled, target } = this.current;
    if (enabled === "Once") this.set(disabled(this.current));
    return this.ignored ? "None" : target;
  }

  private set(state: OverrideState): void {
    this.current = state;
    this.keep(state);
  }
}

function disabled(state: OverrideState): OverrideState {
  return { ...state, enabled: "Disabled", target: "None" };
}
