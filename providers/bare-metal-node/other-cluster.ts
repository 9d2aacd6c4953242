import { dirname } from "node:path/posix";
import { z } from "zod";
import type { SshSession } from "../../drivers/ssh/target.js";
import { FlintError } from "../../foundation/errors.js";
import { parseRecord, recordPath } from "./record.js";
import { bootScriptKind, bootScriptOwner, bootScriptPath } from "./render/boot-script.js";
import { dhcpHostPath } from "./render/dhcp-host.js";
import type { StoredNode } from "./schema.js";

/**
 * Arguments: Flint's directory of this cluster on the host, then boot scripts as paths below a cluster's directory. Prints the
 * directory of each other cluster that has one of them, the path, and the script's line that says whose it is.
 */
export const OTHERS_SCRIPTS = `set -eu
own=$1; shift
for root in "\${own%/*}"/*; do
  [ "$root" != "$own" ] || continue
  for path; do
    if [ -f "$root/$path" ]; then printf '%s %s %s\\n' "$root" "$path" "$(sed -n 2p -- "$root/$path")"; fi
  done
done
`;

/** A machine as another cluster on the same provisioning host has it. */
export interface Elsewhere {
  cluster: string;
  /** Its name there. */
  node: string;
  mac: string;
  /** It was installed there: it boots from its disk. Else its installation was begun. */
  finished: boolean;
  /** What the provisioning host holds for it, the boot script as the last. */
  files: string[];
}

/** What a cluster may be called: a copy of one's directory that somebody has kept, as `prod.bak`, is none. */
const CLUSTER = /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/;
/** What is a name and no path: files of that name are to be removed. */
const PLAIN = /^[A-Za-z0-9][A-Za-z0-9._-]*$/;

type Machine = Pick<StoredNode, "mac"> & {
  pxe: Pick<StoredNode["pxe"], "root">;
  data: Readonly<Record<string, unknown>>;
};

const otherCard = z.object({ networks: z.object({ cluster: z.object({ mac: z.string() }) }) });

/** Its cards: another cluster may start it from the one that is on this cluster's second network. */
function cardsOf({ mac, data }: Machine): string[] {
  const second = otherCard.safeParse(data).data?.networks.cluster.mac;
  return [...new Set([mac, ...(second === undefined ? [] : [second])])];
}

/** As whom another cluster has the machine; undefined where none has it. Reads only. */
export async function registeredElsewhere(host: SshSession, want: Machine): Promise<Elsewhere | undefined> {
  const cards = new Map(cardsOf(want).map((mac) => [`http/${bootScriptPath(mac)}`, mac]));
  const { stdout } = await host.script(OTHERS_SCRIPTS, [want.pxe.root, ...cards.keys()], {
    label: "look for the machine in other clusters",
  });
  for (const line of stdout.split("\n")) {
    const [, root, path, text] = /^(\S+) (\S+) (.*)$/.exec(line) ?? [];
    const mac = cards.get(path ?? "");
    const node = bootScriptOwner(text);
    if (root === undefined || mac === undefined || node === undefined) continue;
    const cluster = root.slice(dirname(root).length + 1);
    if (!CLUSTER.test(cluster) || !PLAIN.test(node)) continue;
    const record = parseRecord(await host.readFile(recordPath(root, node)));
    // That node has another machine by now: this one is nobody's there.
    if (record?.mac !== undefined && record.mac !== mac) continue;
    return {
      cluster,
      node,
      mac,
      finished: bootScriptKind(text) === "disk",
      files: [dhcpHostPath(root, node), `${root}/nodes/${node}`, `${root}/${path}`],
    };
  }
  return undefined;
}

/**
 * A machine of another cluster: it would be restarted in the middle of its work there, at an address perhaps at which nobody has
 * looked for it. Off or silent it is that cluster's as well. Pure.
 */
export function belongsElsewhere(name: string, { cluster, node, mac, finished, files }: Elsewhere): FlintError {
  return new FlintError("NODE_REGISTERED", {
    subject: `${name}, the machine with MAC ${mac}`,
    expected: "one that no other cluster on this provisioning host has",
    found: `that cluster ${cluster} ${finished ? "has installed it" : "has begun to install it"} as ${node}`,
    remedy: `Declare it in one cluster only. To take it over, take ${node} out of cluster ${cluster} first (\`pulumi up\` there without it, or \`pulumi destroy\`; where that changes nothing, as after a run that was killed, \`pulumi up\` with it before): it leaves its services, and is let go. If that cluster is no more, forget it on the provisioning host: \`rm -rf ${files.join(" ")}\`. Nothing was changed.`,
  });
}
