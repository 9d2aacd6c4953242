import { chmodSync, cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { execa } from "execa";
import ipaddr from "ipaddr.js";
import { CHECKOUT, type Layout } from "./layout.js";
import { privateDirectory, writeWhole } from "./private-files.js";
import type { Rack } from "./schema.js";

/** The root file system that all provisioning hosts of this machine start from, built when it is not there yet. */
export async function preparedRoot(): Promise<string> {
  const { stdout } = await execa(join(CHECKOUT, "lab/rack/prepare-host"), ["--path"], {
    stdin: "ignore",
    stderr: "inherit",
  });
  return stdout.trim();
}

/**
 * A provisioning host's files: its own on top of the prepared ones, which it shares. Where the kernel refuses that (an
 * overlay on an overlay) it gets a copy.
 */
export interface HostFiles {
  /** What the container sees. */
  root: string;
  /** The overlay's layers; undefined: `root` is a copy. */
  layers: { prepared: string; own: string; work: string } | undefined;
}

/** Makes the host's files with this rack's address and keys, unless they are there. True when they were made. */
export async function ensureHostFiles(layout: Layout, rack: Rack, prepared: string): Promise<[HostFiles, boolean]> {
  const dir = layout.hostFiles;
  const basis = join(dir, "prepared-root"); // written last: what was interrupted is made again
  const layers = { prepared, own: join(dir, "own"), work: join(dir, "work") };
  const root = join(dir, "root");
  if (existsSync(basis) && readFileSync(basis, "utf8") === prepared) {
    return [{ root, layers: existsSync(layers.own) ? layers : undefined }, false];
  }
  rmSync(dir, { recursive: true, force: true });
  privateDirectory(dir, root, layers.own, layers.work);
  const files: HostFiles = { root, layers };
  if (!(await overlayWorks(files))) {
    for (const path of [root, layers.own, layers.work]) rmSync(path, { recursive: true });
    await execa("cp", ["-a", "--reflink=auto", prepared, root]);
    files.layers = undefined;
  }
  putOwnFiles(files.layers?.own ?? root, layout, rack);
  writeWhole(basis, prepared);
  return [files, true];
}

/** Script that mounts the overlay for the command after its three arguments, in a mount namespace that ends with it. */
const MOUNT_SCRIPT = 'mount -t overlay overlay -o "$1" "$2" && shift 2 && exec "$@"';

/** argv prefix under which a command sees the host's files. */
export function withHostFiles({ root, layers }: HostFiles): string[] {
  if (layers === undefined) return [];
  const options = `lowerdir=${layers.prepared},upperdir=${layers.own},workdir=${layers.work}`;
  return ["unshare", "--mount", "--propagation", "slave", "sh", "-c", MOUNT_SCRIPT, "mount-host-files", options, root];
}

async function overlayWorks(files: HostFiles): Promise<boolean> {
  const [command = "", ...args] = [...withHostFiles(files), "test", "-d", join(files.root, "etc/systemd")];
  const { exitCode } = await execa(command, args, { reject: false, stdin: "ignore", timeout: 40_000 });
  return exitCode === 0;
}

function putOwnFiles(top: string, layout: Layout, rack: Rack): void {
  const prefix = ipaddr.IPv4.parseCIDR(rack.networks.provisioning.cidr)[1];
  // A directory in the upper layer gives its mode to the merged one.
  for (const directory of ["", "etc", "etc/ssh", "etc/systemd", "etc/systemd/network"]) open(join(top, directory));
  privateDirectory(join(top, "root"), join(top, "root/.ssh"));
  const put = (path: string, content: string) => writeFileSync(join(top, path), content, { mode: 0o644 });
  put("etc/hostname", `${rack.host.name}\n`);
  put("etc/hosts", `127.0.0.1 localhost\n${rack.host.address} ${rack.host.name}\n`);
  put(
    "etc/systemd/network/10-host0.network",
    `[Match]\nName=host0\n[Network]\nAddress=${rack.host.address}/${prefix}\nLinkLocalAddressing=no\nIPv6AcceptRA=no\n`,
  );
  put("root/.ssh/authorized_keys", readFileSync(`${layout.operatorKey}.pub`, "utf8"));
  cpSync(layout.hostKey, join(top, "etc/ssh/ssh_host_ed25519_key"));
  cpSync(layout.hostKeyPublic, join(top, "etc/ssh/ssh_host_ed25519_key.pub"));
}

function open(directory: string): void {
  mkdirSync(dirname(directory), { recursive: true });
  mkdirSync(directory, { recursive: true });
  chmodSync(directory, 0o755);
}
