import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { z } from "zod";

/** What the stack says of its machines (`pulumi stack output --json --show-secrets`). */
const stackSchema = z.object({
  members: z.record(
    z.string(),
    z.object({ addresses: z.object({ provisioning: z.string() }), sshHostKey: z.string() }),
  ),
  clusterInfo: z.object({ domain: z.string(), loginKey: z.string() }),
});
export type SshStack = z.infer<typeof stackSchema>;

/** The files with which `ssh -F ssh_config node01` logs in, and only into that very machine. Pure. */
export function sshFiles(stack: SshStack, directory: string): Record<"ssh_config" | "login" | "known_hosts", string> {
  const machines = Object.entries(stack.members);
  const hosts = machines.map(
    ([name, { addresses }]) =>
      `Host ${name} ${name}.${stack.clusterInfo.domain} ${addresses.provisioning}\n  HostName ${addresses.provisioning}\n`,
  );
  const common =
    `Host *\n  User root\n  IdentityFile ${join(directory, "login")}\n  IdentitiesOnly yes\n` +
    `  UserKnownHostsFile ${join(directory, "known_hosts")}\n  StrictHostKeyChecking yes\n  LogLevel ERROR\n`;
  return {
    ssh_config: `${hosts.join("")}${common}`,
    login: stack.clusterInfo.loginKey.replace(/\n*$/, "\n"),
    known_hosts: machines.map(([, each]) => `${each.addresses.provisioning} ${each.sshHostKey.trim()}\n`).join(""),
  };
}

/** Called by scripts/rack: stack outputs on stdin, the directory for the files as argument. */
async function main(directory: string): Promise<void> {
  const stack = stackSchema.safeParse(JSON.parse(await text(process.stdin)));
  if (!stack.success)
    throw new Error(
      "The stack names no machines: its outputs are there once `npm run pulumi -- up` has ended well. Run it, or wait for it.",
    );
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  for (const [name, content] of Object.entries(sshFiles(stack.data, directory))) {
    writeFileSync(join(directory, name), content, { mode: 0o600 });
  }
}

if (require.main === module) {
  main(process.argv[2] ?? "").catch((error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  });
}
