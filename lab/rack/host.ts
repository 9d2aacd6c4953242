import { spawn } from "node:child_process";
import { openSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { FlintError } from "../../foundation/errors.js";
import { waitUntil } from "../../foundation/wait.js";
import { inOwnCgroup, nspawnScope } from "./container-cgroup.js";
import { ensureHostFiles, withHostFiles } from "./host-files.js";
import type { Layout } from "./layout.js";
import { BRIDGES, inNamespace, removeContainerLinks } from "./namespace.js";
import { endProcesses, killProcesses, ownedBy, ownedProcesses } from "./owned-processes.js";
import { privateDirectory } from "./private-files.js";
import type { Rack } from "./schema.js";

/** Boots the container unless it runs. Answers what was done. */
export async function startHost(layout: Layout, rack: Rack, prepared: string): Promise<string> {
  if (ownedProcesses(layout.dir).some(({ role }) => role === "host")) return "runs";
  if ((await endContainer(layout)) > 0) await removeContainerLinks(layout);
  const [files, made] = await ensureHostFiles(layout, rack, prepared);
  privateDirectory(join(layout.dir, "log"));
  const [command, args] = inNamespace(layout, [
    ...withHostFiles(files),
    "systemd-nspawn",
    "--quiet",
    "--boot",
    `--directory=${files.root}`,
    `--machine=${layout.container}`,
    `--hostname=${rack.host.name}`,
    "--register=no",
    ...nspawnScope(),
    "--private-users=no",
    `--network-bridge=${BRIDGES.provisioning}`,
    "--console=read-only",
    "--link-journal=no",
    "--resolv-conf=off",
    "--timezone=off",
    ...Object.entries(rack.host.share).map(([there, here]) => `--bind-ro=${here}:${there}`),
    ...Object.entries(ownedBy(layout.dir, "container")).map(([name, value]) => `--setenv=${name}=${value}`),
  ]);
  const log = openSync(layout.hostLog, "a", 0o600);
  const [program = command, ...rest] = [...inOwnCgroup(layout.container), command, ...args];
  const child = spawn(program, rest, {
    detached: true,
    stdio: ["ignore", log, log],
    cwd: "/",
    env: { PATH: process.env.PATH, ...ownedBy(layout.dir, "host") },
  });
  child.unref();
  return made ? "files made, starting" : "starting";
}

/**
 * Ends a container whose supervisor has gone: it goes on without one. Its first process carries our mark, and takes all
 * others of the container with it. Answers how many there were.
 */
export async function endContainer({ dir }: Layout): Promise<number> {
  const inits = ownedProcesses(dir).filter(({ role }) => role === "container");
  const pids = inits.map(({ pid }) => pid);
  killProcesses(dir, pids); // SIGTERM would make it start anew
  await endProcesses(dir, pids, 0);
  return inits.length;
}

/** Waits until the host lets the operator in by ssh. */
export async function hostAnswers(layout: Layout, rack: Rack): Promise<void> {
  const { address } = rack.host;
  const known = join(layout.dir, "run", "known_hosts");
  privateDirectory(join(layout.dir, "run"));
  writeFileSync(known, `${address} ${readFileSync(layout.hostKeyPublic, "utf8")}`, { mode: 0o600 });
  let last = "";
  const [command, args] = inNamespace(layout, ["ssh", ...sshOptions(layout, known), `root@${address}`, "true"]);
  await waitUntil(
    async () => {
      const attempt = await execa(command, args, { reject: false, stdin: "ignore", timeout: 10_000 });
      last = attempt.stderr.trim().split("\n").at(-1) ?? "";
      if (attempt.exitCode === 0) return true;
      if (ownedProcesses(layout.dir).every(({ role }) => role !== "host")) throw hostStopped(layout);
      return undefined;
    },
    {
      reason: `ssh of the provisioning host ${address}`,
      deadlineMs: 120_000,
      intervalMs: 150,
      remedy: `Read ${layout.hostLog}.`,
      code: "RACK_HOST",
      lastSeen: () => last,
    },
  );
}

function sshOptions(layout: Layout, knownHosts: string): string[] {
  const options = ["BatchMode=yes", "ConnectTimeout=5", "StrictHostKeyChecking=yes", "IdentitiesOnly=yes"];
  return [
    "-F",
    "none",
    "-i",
    layout.operatorKey,
    "-o",
    `UserKnownHostsFile=${knownHosts}`,
    ...options.flatMap((one) => ["-o", one]),
  ];
}

function hostStopped(layout: Layout): FlintError {
  const log = readFileSync(layout.hostLog, "utf8").trim().split("\n").at(-1);
  return new FlintError("RACK_HOST", {
    subject: "provisioning host",
    expected: "a container that runs",
    found: `that it stopped: ${log}`,
    remedy: `Read ${layout.hostLog}.`,
  });
}
