import type { OverrideKind } from "../../drivers/bmc/driver.js";
import { stillAlone } from "../runtime/lock/cluster-lock.js";
import { withBmc } from "./bmc.js";
import type { NodeContext } from "./context.js";
import { refuseOtherBmc } from "./machine-identity.js";
import type { NodeInputs, StoredNode } from "./schema.js";

/** A machine that is told to boot from the network. */
type Wanted = StoredNode & Pick<NodeInputs, "serial" | "uuid" | "firmware" | "networkBoot">;

/** Who is told of what happens to the machine. */
interface Begins {
  /** The boot source is about to be set for good, or was, on a BMC that knows no one-time override. May be called twice. */
  lasting(): Promise<void>;
  /** The power is about to be touched. */
  switching(): void;
}

/**
 * Has the machine boot from the network once, in the declared way, and switches it on, or off and on.
 * @throws FlintError `MACHINE_IDENTITY`, and those of the driver: `BMC_REFUSED` where the BMC knows no such boot source.
 */
export async function startFromNetwork(node: NodeContext<Wanted>, begins: Begins): Promise<OverrideKind> {
  const { want } = node;
  return withBmc(node, async (bmc) => {
    await refuseOtherBmc(want, bmc);
    const override = await bmc.setBootOnce(want.networkBoot ?? "pxe", want.firmware, () => begins.lasting());
    // Of some BMCs only what they show then tells.
    if (override === "lasting") await begins.lasting();
    const power = await bmc.power();
    await stillAlone(want.cluster);
    begins.switching();
    await bmc.setPower(power === "off" ? "on" : "cycle", { signal: node.signal });
    return override;
  });
}
