import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { FlintError } from "../../foundation/errors.js";
import { FIRMWARE_CODE, FIRMWARE_VARIABLES } from "./firmware-files.js";

/** What a rack needs of the machine, with the Debian package that brings it. */
const TOOLS: Record<string, string> = {
  "qemu-system-x86_64": "qemu-system-x86",
  "qemu-img": "qemu-utils",
  "systemd-nspawn": "systemd-container",
  mmdebstrap: "mmdebstrap",
  ip: "iproute2",
  nsenter: "util-linux",
  unshare: "util-linux",
  ssh: "openssh-client",
  "ssh-keygen": "openssh-client",
  openssl: "openssl",
};

/** Where a machine has IPMI. */
const IPMI_TOOLS: Record<string, string> = { ipmi_sim: "openipmi", perl: "perl-base" };

/**
 * Names everything that is missing at once, with the command that brings it.
 * @throws FlintError RACK_TOOLS, RACK_ROOT
 */
export function refuseMissingTools({ ipmi }: { ipmi: boolean }): void {
  if (process.getuid?.() !== 0) {
    throw new FlintError("RACK_ROOT", {
      subject: "rack",
      expected: "to run as root, for network namespaces and a container",
      found: `user id ${process.getuid?.()}`,
      remedy: "Run it with sudo.",
    });
  }
  const missing = new Set(
    Object.entries({ ...TOOLS, ...(ipmi ? IPMI_TOOLS : {}) })
      .filter(([tool]) => !onPath(tool))
      .map(([, packageName]) => packageName),
  );
  if (![FIRMWARE_CODE, FIRMWARE_VARIABLES].every((file) => existsSync(file))) missing.add("ovmf");
  if (missing.size === 0) return;
  const names = [...missing].sort().join(" ");
  throw new FlintError("RACK_TOOLS", {
    subject: "this machine",
    expected: "the rack's tools",
    found: `no ${names}`,
    remedy: `Run scripts/setup, or: apt-get install --no-install-recommends ${names}.`,
  });
}

function onPath(tool: string): boolean {
  const directories = `${process.env.PATH}${delimiter}/usr/sbin${delimiter}/sbin`.split(delimiter);
  return directories.some((directory) => existsSync(join(directory, tool)));
}
