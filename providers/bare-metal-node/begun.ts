import { connections } from "../runtime/connections.js";
import type { Properties } from "../runtime/lifecycle.js";
import { withShared } from "../runtime/shared.js";
import { readRecord } from "./record.js";
import { inputsSchema } from "./schema.js";

const LOOK_MS = 10_000;

const machineSchema = inputsSchema.pick({ host: true, pxe: true, name: true, mac: true, disk: true });
const earlierSchema = inputsSchema.pick({ mac: true, disk: true });

/**
 * Whether a run that was killed has begun this very installation: the host remembers it. The machine was let go for it then, and
 * its members have left before that. Reads only; a host that does not answer in time remembers nothing. Another machine in the
 * place of one has the same mark: the card tells which of them the host remembers.
 */
export async function installationBegun(olds: Properties, news: Properties): Promise<boolean> {
  const parsed = machineSchema.safeParse(withShared(["host"], news));
  const earlier = earlierSchema.safeParse(olds);
  if (!parsed.success || !earlier.success) return false;
  const { host, pxe, name, mac, disk } = parsed.data;
  const isOther = earlier.data.mac !== mac;
  if (!isOther && earlier.data.disk.mark === disk.mark) return false;
  try {
    const session = await connections.get(host, { signal: AbortSignal.timeout(LOOK_MS) });
    const record = await readRecord(session, pxe.root, name);
    return record?.mark === disk.mark && (!isOther || record.mac === mac);
  } catch {
    return false;
  }
}
