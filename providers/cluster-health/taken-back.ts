import { FlintError } from "../../foundation/errors.js";
import { readRegistration } from "../bare-metal-node/registration.js";
import { placeInState } from "../membership/in-state.js";
import { connections } from "../runtime/connections.js";
import { withShared } from "../runtime/shared.js";
import { hostTargetSchema } from "../ssh-target-schema.js";

const LOOK_MS = 10_000;

/** What an earlier run had done to machines before it was ended, and they were declared again. */
export interface LetGo {
  /** Their disks were being wiped: they may answer from memory as if nothing were wrong. */
  wiped: string[];
  /** Their registration is gone, which a removal takes last: nothing else is left to be done in it. */
  removed: string[];
}

/** By what the provisioning host has of them; one that does not answer says nothing of them. */
export async function letGoBefore(cluster: string, takenBack: readonly string[], signal: AbortSignal): Promise<LetGo> {
  const found: LetGo = { wiped: [], removed: [] };
  const { data: target } = hostTargetSchema.safeParse(withShared(["host"], {}).host);
  if (target === undefined || takenBack.length === 0) return found;
  const host = await connections.get(target, { deadlineMs: LOOK_MS, signal }).catch(() => undefined);
  signal.throwIfAborted();
  for (const name of takenBack) {
    const place = placeInState(cluster, name);
    if (host === undefined || place === undefined) continue;
    const { mac, root } = place;
    const registration = await readRegistration(host, { name, mac, pxe: { root } }).catch(() => undefined);
    signal.throwIfAborted();
    if (registration === undefined) continue;
    const { record, dhcpHost, bootScript } = registration;
    if (record?.phase === "wiping" || record?.phase === "wiped") found.wiped.push(name);
    else if (record === undefined && dhcpHost === undefined && bootScript === undefined) found.removed.push(name);
  }
  return found;
}

/** Undefined where no removal had come that far. Pure. */
export function refuseLetGo(cluster: string, { wiped, removed }: LetGo): FlintError | undefined {
  const refusal = (found: string, remedy: string) =>
    new FlintError("CLUSTER_UNHEALTHY", {
      subject: `cluster ${cluster}`,
      expected: `cluster ${cluster} to be healthy`,
      found,
      remedy,
    });
  if (wiped.length > 0) {
    const [disk, them, their] =
      wiped.length === 1 ? ["its whole disk", "it", "its"] : ["their whole disks", "them", "their"];
    return refusal(
      `${wiped.join(", ")} without ${disk}: a run that was ended had begun to wipe ${them}, and what answers there answers from memory`,
      `Raise ${their} generation to install ${them} anew, or take ${them} out again; then run \`pulumi up\`.`,
    );
  }
  if (removed.length === 0) return undefined;
  const [them, is] = removed.length === 1 ? ["it", "is"] : ["them", "are"];
  return refusal(
    `${removed.join(", ")} without registration: a run that was ended had taken ${them} out`,
    `\`pulumi up --refresh\` looks at ${them}, and makes what ${is} missing anew.`,
  );
}
