import { createHash } from "node:crypto";
import { z } from "zod";
import { noteDeclared } from "../membership/declared.js";
import { noteInState } from "../membership/in-state.js";
import { type Change, defineLifecycle, type Lifecycle, type Properties } from "../runtime/lifecycle.js";
import { sharedValue } from "../runtime/shared.js";
import { withSpecText } from "../runtime/spec-lifecycle.js";
import { readSpec } from "../runtime/spec-text.js";
import { targetSecrets } from "../ssh-target-schema.js";
import { announceDisks } from "./announce-disks.js";
import { announceUpdate } from "./announce-update.js";
import { type NodeOutputs, OUTPUTS } from "./outputs.js";
import { generationOf, refuseLowerGeneration, refuseOtherAddress } from "./refused-changes.js";
import { announceReplacement } from "./replacement.js";
import { inputsSchema, type NodeInputs, type StoredNode, storedSchema } from "./schema.js";

function digestOnly(system: unknown): unknown {
  const parsed = inputsSchema.shape.system.safeParse(system);
  return parsed.success ? parsed.data.digest : system;
}

/** Who shares a limit of calls at once is no property of a machine. */
function withoutChassis(bmc: unknown): unknown {
  if (typeof bmc !== "object" || bmc === null || !("chassis" in bmc)) return bmc;
  const { chassis: _, ...own } = bmc;
  return own;
}

/** A machine in another one's place is another voter, and a released disk is wiped: the preview says so. */
async function announce(change: Change): Promise<void> {
  const { olds, news, result } = change;
  if (result.replaces === undefined) {
    refuseOtherAddress(olds, news);
    announceUpdate(change);
  } else {
    refuseLowerGeneration(olds, news);
    if (olds.mac !== news.mac) await (await import("./other-name.js")).announceOtherName(news);
    await announceReplacement(olds, news);
  }
  announceDisks(change);
}

const node = defineLifecycle<NodeInputs, NodeOutputs, StoredNode>({
  type: "BareMetalNode",
  inputs: inputsSchema,
  stored: storedSchema,
  shared: ["host", "loginKey", "bmcDefaults", "ca"],
  // Of its NodeIdentity.
  fromOthers: ["material", "cert", "hostKeyPublic"],
  id: (want) => `${want.cluster}/${want.name}-${createHash("sha256").update(want.mac).digest("hex").slice(0, 6)}`,
  secrets: (want) => [
    ...targetSecrets(want.host),
    want.loginKey.privateKey,
    ...("material" in want ? [want.material.key, want.material.hostKey, want.material.dataKey] : []),
    want.bmcPassword,
    want.bmcDefaults.password,
  ],
  replaceOn: ["cluster", "name", "mac"],
  // A raised generation: the machine is let go as any other, its members leave first, and it is installed anew.
  replaceOnPart: { disk: generationOf },
  // Patience is no property of a machine, and these serve installations only.
  ignore: ["deadlines", "image", "installsAtOnce", "networkBoot"],
  // Another checkout has other paths; what is built from them has a digest.
  compare: { system: digestOnly, bmc: withoutChassis },
  unfinished: ({ phase, power }) => power === "off" || (phase !== undefined && phase !== "ready"),
  announce,
  work: () => import("./work.js"),
});

const loginSchema = z.object({ publicKey: z.string() });
const dataSchema = z.looseObject({ sshAuthorizedKeys: z.array(z.string()) });

/** The cluster's login key is let in on every machine; it is the provider's, or was found on the provisioning host. */
function withLoginKey(inputs: Properties): Properties {
  const login = loginSchema.safeParse(inputs.loginKey ?? sharedValue("loginKey"));
  const data = dataSchema.safeParse(inputs.data);
  if (!login.success || !data.success || data.data.sshAuthorizedKeys.includes(login.data.publicKey)) return inputs;
  const sshAuthorizedKeys = [login.data.publicKey, ...data.data.sshAuthorizedKeys];
  return { ...inputs, data: { ...data.data, sshAuthorizedKeys } };
}

const placeSchema = z
  .object({ mac: z.string(), pxe: z.object({ root: z.string() }) })
  .transform(({ mac, pxe }) => ({ mac, root: pxe.root }));

/** A machine that the state has, and that nothing is left to be done with as far as it knows. */
const told: Lifecycle = {
  ...node,
  diff: async (id, olds, news) => {
    const result = await node.diff(id, olds, news);
    const { data: place } = placeSchema.safeParse(news);
    if (result.replaces === undefined && olds.phase === "ready")
      noteInState(String(news.cluster), String(news.name), place);
    return result;
  },
};

const shared = withSpecText(told, { found: OUTPUTS, complete: withLoginKey });

const voterSchema = inputsSchema.pick({ cluster: true, raft: true });

/** An operation is told nothing of what else is declared: a machine that is let go asks the voters that stay. */
export const lifecycle: Lifecycle = {
  ...shared,
  check(olds, news) {
    const { data: voter } = voterSchema.safeParse(readSpec(news));
    if (voter?.raft !== undefined) noteDeclared(voter.cluster, voter.raft);
    return shared.check(olds, news);
  },
};
