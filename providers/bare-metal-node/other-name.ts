import type { SshSession } from "../../drivers/ssh/target.js";
import { FlintError } from "../../foundation/errors.js";
import { connections } from "../runtime/connections.js";
import type { Properties } from "../runtime/lifecycle.js";
import { withShared } from "../runtime/shared.js";
import { type CardOwner, ownerOfCard } from "./card-owner.js";
import { belongsElsewhere, registeredElsewhere } from "./other-cluster.js";
import { inputsSchema, type NodeInputs, type StoredNode } from "./schema.js";

const LOOK_MS = 10_000;

type Named = Pick<StoredNode, "name" | "mac">;

/**
 * One machine under two names: whoever installs it under the new one would restart what runs under the old one, at another address
 * perhaps, and whose members nobody has asked.
 * @param owner As whom it is registered.
 * @throws FlintError `NODE_REGISTERED`.
 */
export function refuseOtherName(want: Named, owner: CardOwner | undefined): void {
  if (owner?.finished === true) throw registered(want, owner.name);
}

/**
 * The same of a machine that another cluster on this provisioning host has.
 * @throws FlintError `NODE_REGISTERED`.
 */
export async function refuseOtherCluster(host: SshSession, want: NodeInputs): Promise<void> {
  const elsewhere = await registeredElsewhere(host, want);
  if (elsewhere !== undefined) throw belongsElsewhere(want.name, elsewhere);
}

const machineSchema = inputsSchema.pick({ host: true, pxe: true, name: true, mac: true, data: true });

/**
 * Both of a machine that is to take another one's place, before that one is let go for it. A host that does not answer in time
 * says nothing here.
 * @throws FlintError `NODE_REGISTERED`.
 */
export async function announceOtherName(news: Properties): Promise<void> {
  const parsed = machineSchema.safeParse(withShared(["host"], news));
  if (!parsed.success) return;
  const { host, ...want } = parsed.data;
  const untold = () => undefined;
  const session = await connections.get(host, { signal: AbortSignal.timeout(LOOK_MS) }).catch(untold);
  if (session === undefined) return;
  const [owner, elsewhere] = await Promise.all([
    ownerOfCard(session, want).catch(untold),
    registeredElsewhere(session, want).catch(untold),
  ]);
  if (owner?.finished === true) throw registered(want, owner.name);
  if (elsewhere !== undefined) throw belongsElsewhere(want.name, elsewhere);
}

function registered({ name, mac }: Named, owner: string): FlintError {
  return new FlintError("NODE_REGISTERED", {
    subject: `${name}, the machine with MAC ${mac}`,
    expected: "one that is no other node of this cluster",
    found: `that it was installed as ${owner}`,
    remedy: `Declare it as ${owner} again. For another name, take it out first: \`pulumi up\` with neither of them, so that ${owner} leaves the cluster and is let go, and declare ${name} then. Nothing was changed.`,
  });
}
