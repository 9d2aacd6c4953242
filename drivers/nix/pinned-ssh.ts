import { mkdir, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { makePrivateDirectory } from "../../foundation/private-directory.js";
import type { SshTarget } from "../ssh/target.js";

/** A directory with an `ssh` that trusts exactly one host key, for tools that start ssh by themselves. */
export interface PinnedSsh {
  /** The private directory (0700); everything in it is removed by `dispose`. */
  dir: string;
  /** Login key file (0600). */
  keyFile: string;
  /** Environment that puts our `ssh` first on PATH and HOME into the private directory. */
  env: Record<string, string>;
  dispose(): Promise<void>;
}

/**
 * nixos-anywhere hard-codes `StrictHostKeyChecking=no`, and ssh takes the first value it sees: so our `ssh` comes first
 * on PATH and puts its own options before all others. `nix copy` goes through it too.
 */
export async function pinnedSsh(target: SshTarget): Promise<PinnedSsh> {
  const dir = await makePrivateDirectory("ssh");
  const keyFile = path.join(dir, "id");
  const knownHosts = path.join(dir, "known_hosts");
  const config = path.join(dir, "config");
  const bin = path.join(dir, "bin");
  await mkdir(bin);
  await writeFile(keyFile, withNewline(target.privateKey), { mode: 0o600 });
  const port = target.port ?? 22;
  const hostName = port === 22 ? target.host : `[${target.host}]:${port}`;
  const hostLines = target.hostKeys.map((key) => `${hostName} ${publicPart(key)}`);
  let jump = "";
  if (target.jump) {
    const { jump: via } = target;
    const viaName = (via.port ?? 22) === 22 ? via.host : `[${via.host}]:${via.port}`;
    hostLines.push(...via.hostKeys.map((key) => `${viaName} ${publicPart(key)}`));
    await writeFile(path.join(dir, "jump"), withNewline(via.privateKey), { mode: 0o600 });
    jump =
      `Host ${via.host}\n  User ${via.user ?? "root"}\n  Port ${via.port ?? 22}\n  IdentityFile ${dir}/jump\n` +
      `Host ${target.host}\n  ProxyJump ${via.host}\n`;
  }
  await writeFile(knownHosts, `${hostLines.join("\n")}\n`, { mode: 0o600 });
  await writeFile(
    config,
    `${jump}Host *\n  UserKnownHostsFile ${knownHosts}\n  GlobalKnownHostsFile /dev/null\n  StrictHostKeyChecking yes\n` +
      `  UpdateHostKeys no\n  IdentitiesOnly yes\n  IdentityFile ${keyFile}\n  Port ${port}\n  BatchMode yes\n` +
      "  ConnectTimeout 15\n  ServerAliveInterval 10\n  ServerAliveCountMax 6\n  LogLevel ERROR\n",
    { mode: 0o600 },
  );
  // The options are given on the command line, first: ssh takes the first value, and the tools pass their own -o.
  const wrapper = [
    "#!/bin/sh",
    `PATH=$(printf %s "$PATH" | sed "s#${bin}:##")`,
    "export PATH",
    `exec ssh -F ${config} -o StrictHostKeyChecking=yes -o UserKnownHostsFile=${knownHosts} "$@"`,
    "",
  ].join("\n");
  await writeFile(path.join(bin, "ssh"), wrapper, { mode: 0o755 });
  return {
    dir,
    keyFile,
    env: { PATH: `${bin}:${process.env.PATH ?? "/usr/bin:/bin"}`, HOME: dir },
    dispose: () => rm(dir, { recursive: true, force: true }),
  };
}

function withNewline(key: string): string {
  return key.endsWith("\n") ? key : `${key}\n`;
}

/** `ssh-ed25519 AAAA…` of a public key line that may carry a comment. */
function publicPart(line: string): string {
  return line.trim().split(/\s+/).slice(0, 2).join(" ");
}
