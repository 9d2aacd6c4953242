/** What a refresh found of a machine that answers. */
export interface Drift {
  node: string;
  /** Name of the provisioning host. */
  host: string;
  /** A run that was ended has begun to wipe its disk. */
  wiped: boolean;
  /** The provisioning host does not know it. */
  unregistered: boolean;
  /** Paths of its system: what runs, and what was deployed. */
  runs: string;
  deployed: string;
  /** It has the keys and the configuration that were deployed. */
  hasFiles: boolean;
}

/** All that is not as it was deployed, a line each, with what mends it; empty where nothing is. Pure. */
export function tellDrift({ node, host, wiped, unregistered, runs, deployed, hasFiles }: Drift): string[] {
  // A removal that was cut off and taken back: the next update refuses it, and mends nothing of it.
  if (wiped)
    return [
      `${node} answers from memory: a run that was ended has begun to wipe its disk. Raise its generation to install it anew, or take it out.`,
    ];
  const lines: string[] = [];
  // As after a removal that was ended when it had taken that, or on a host that was set up anew.
  if (unregistered) lines.push(`${node} is not registered on ${host} any more: \`pulumi up\` registers it.`);
  if (runs !== deployed) lines.push(`${node} runs ${runs}, not what was deployed: \`pulumi up\` mends it.`);
  if (!hasFiles) lines.push(`${node} has other keys or configuration than were deployed: \`pulumi up\` mends it.`);
  return lines;
}
