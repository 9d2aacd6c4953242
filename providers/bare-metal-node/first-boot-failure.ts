import { FlintError } from "../../foundation/errors.js";
import type { NodeContext } from "./context.js";
import { readLogs } from "./doctor/read-logs.js";
import { NO_IMAGE } from "./render/boot-script.js";
import type { StartCause } from "./wire/causes.js";
import { askBmc, briefly } from "./wire/closer-look.js";
import { diagnoseStart } from "./wire/diagnose-start.js";
import { NOTHING_SEEN, see } from "./wire/sightings.js";

/** What says more than how ssh answered last. */
const TELLING: readonly StartCause[] = ["system-off", "sent-to-disk"];

/**
 * A FIRST_BOOT_TIMEOUT of a machine at whose address nobody answered, with what its BMC and the boot servers know: it is
 * off, or it came by the network and no system came from its disk.
 * @param waitedMs How long it was waited for: older lines of the logs are of boots before.
 */
export async function explainedSilence(node: NodeContext, error: FlintError, waitedMs: number): Promise<FlintError> {
  const { mac, addresses, name, firmware } = node.want;
  const [facts, logs] = await Promise.all([askBmc(node), briefly(node, undefined, () => readLogs(node))]);
  const watch = { node: name, mac, address: addresses.provisioning, firmware, image: NO_IMAGE };
  const events = (logs?.events ?? []).filter(({ at }) => at >= (logs?.now ?? 0) - waitedMs);
  const seen = events.reduce((before, { event }) => see(watch, before, event), NOTHING_SEEN);
  const { cause, found, remedy } = diagnoseStart({ mac, seen, facts });
  if (!TELLING.includes(cause)) return error;
  return new FlintError("FIRST_BOOT_TIMEOUT", {
    subject: error.subject,
    expected: error.expected,
    found,
    remedy,
    cause: error,
  });
}
