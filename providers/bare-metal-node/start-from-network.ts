import type { OverrideKind } from "../../drivers/bmc/driver.js";
import { stillAlone } from "../runtime/lock/cluster-lock.js";
import { withBmc } from "./bmc.js";
import type { NodeContext } from "./context.js";
import { refuseOtherBmc } from "./machine-identity.js";
import type { NodeInputs, StoredNode } from "./schema.js";

/** A machine that is told to boot from the network. */
type Wanted = StoredNode & Pick<NodeInputs, "serial" | "uuid" | "firmware" | "networkBoot">;

/**
 * Has the machine boot from the network once, in the declared way, and switches it on, or off and on.
 * @param switching Called with what the BMC made of the boot source, right before the power is touched.
 * @throws FlintError `MACHINE_IDENTITY`, and those of the driver: `BMC_REFUSED` where the BMC knows no such boot source.
 */
export async function startFromNetwork(
  node: NodeContext<Wanted>,
  switching: (kind: OverrideKind) => Promise<void>,
): Promise<OverrideKind> {
  const { want } = node;
  return withBmc(node, async (bmc) => {
    await refuseOtherBmc(want, bmc);
    const override = await bmc.setBootOnce(want.networkBoot ?? "pxe", want.firmware);
    const power = await bmc.power();
    await stillAlone(want.cluster);
    await switching(override);
    await bmc.setPower(power === "off" ? "on" : "cycle", { signal: node.signal });
    return override;
  });
}
