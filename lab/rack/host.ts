import { spawn } from "node:child_process";
import { cpSync, existsSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import ipaddr from "ipaddr.js";
import { FlintError } from "../../foundation/errors.js";
import { waitUntil } from "../../foundation/wait.js";
import { CHECKOUT, type Layout } from "./layout.js";
import { BRIDGES, inNamespace, removeContainerLinks } from "./namespace.js";
import { endContainer, ownedBy, ownedProcesses } from "./owned-processes.js";
import { privateDirectory, writeWhole } from "./private-files.js";
import type { Rack } from "./schema.js";

/** The root file system that every rack's provisioning host is copied from, built when it is not there yet. */
export async function preparedRoot(): Promise<string> {
  const { stdout } = await execa(join(CHECKOUT, "lab/rack/prepare-host"), ["--path"], {
    stdin: "ignore",
    stderr: "inherit",
  });
  return stdout.trim();
}

/** Copies the container's root and gives it this rack's address and keys. True when it was not there. */
export async function ensureHostRoot(layout: Layout, rack: Rack, prepared: string): Promise<boolean> {
  if (existsSync(join(layout.containerRoot, "etc/hostname.rack"))) return false;
  rmSync(layout.containerRoot, { recursive: true, force: true });
  await execa("cp", ["-a", "--reflink=auto", prepared, layout.containerRoot]);
  const put = (path: string, content: string, mode?: number) =>
    writeWhole(join(layout.containerRoot, path), content, mode);
  const prefix = ipaddr.IPv4.parseCIDR(rack.networks.provisioning.cidr)[1];
  put("etc/hostname", `${rack.host.name}\n`, 0o644);
  put("etc/hosts", `127.0.0.1 localhost\n${rack.host.address} ${rack.host.name}\n`, 0o644);
  put(
    "etc/systemd/network/10-host0.network",
    `[Match]\nName=host0\n[Network]\nAddress=${rack.host.address}/${prefix}\nLinkLocalAddressing=no\nIPv6AcceptRA=no\n`,
    0o644,
  );
  put("root/.ssh/authorized_keys", readFileSync(`${layout.operatorKey}.pub`, "utf8"));
  cpSync(layout.hostKey, join(layout.containerRoot, "etc/ssh/ssh_host_ed25519_key"));
  cpSync(layout.hostKeyPublic, join(layout.containerRoot, "etc/ssh/ssh_host_ed25519_key.pub"));
  put("etc/hostname.rack", "complete\n"); // last: a copy that was interrupted is made again
  return true;
}

/** Boots the container unless it runs. True when it was started. */
export async function startHost(layout: Layout, rack: Rack): Promise<boolean> {
  if (ownedProcesses(layout.dir).some(({ role }) => role === "host")) return false;
  if ((await endContainer(layout.containerRoot)) > 0) await removeContainerLinks(layout);
  privateDirectory(join(layout.dir, "log"));
  const withSystemd = existsSync("/run/systemd/system");
  const [command, args] = inNamespace(layout, [
    "systemd-nspawn",
    "--quiet",
    "--boot",
    `--directory=${layout.containerRoot}`,
    `--machine=${layout.container}`,
    `--hostname=${rack.host.name}`,
    "--register=no",
    // Where PID 1 is not systemd there is nobody to ask for a scope: the container stays in a cgroup of our making.
    ...(withSystemd ? [] : ["--keep-unit"]),
    "--private-users=no",
    `--network-bridge=${BRIDGES.provisioning}`,
    "--console=read-only",
    "--link-journal=no",
    "--resolv-conf=off",
    "--timezone=off",
  ]);
  const log = openSync(layout.hostLog, "a", 0o600);
  const joinCgroup = withSystemd ? [] : cgroupJoiner(layout);
  const [program = command, ...rest] = [...joinCgroup, command, ...args];
  const child = spawn(program, rest, {
    detached: true,
    stdio: ["ignore", log, log],
    cwd: "/",
    env: { PATH: process.env.PATH, ...ownedBy(layout.dir, "host") },
  });
  child.unref();
  return true;
}

/** cgroup directory of this rack's container in the hierarchy that systemd uses, where we manage it ourselves. */
export function containerCgroup(layout: Layout): string | undefined {
  const hierarchy = ["/sys/fs/cgroup/systemd", "/sys/fs/cgroup/unified", "/sys/fs/cgroup"].find((path) =>
    existsSync(join(path, "cgroup.procs")),
  );
  return hierarchy === undefined ? undefined : join(hierarchy, layout.container);
}

/** argv prefix under which a command runs in the rack's cgroup: containers in one cgroup would manage each other's. */
function cgroupJoiner(layout: Layout): string[] {
  const cgroup = containerCgroup(layout);
  if (cgroup === undefined) return [];
  mkdirSync(cgroup, { recursive: true });
  return ["sh", "-c", 'echo $$ > "$1" && shift && exec "$@"', "join-cgroup", join(cgroup, "cgroup.procs")];
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
      deadlineMs: 60_000,
      intervalMs: 150,
      remedy: `Read ${layout.hostLog}.`,
      code: "RACK_HOST",
      lastSeen: () => last,
    },
  );
}

function sshOptions(layout: Layout, knownHosts: string): string[] {
  const options = ["BatchMode=yes", "ConnectTimeout=2", "StrictHostKeyChecking=yes", "IdentitiesOnly=yes"];
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
