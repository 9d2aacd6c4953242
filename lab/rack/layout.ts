import { join, relative, resolve } from "node:path";
import { FlintError } from "../../foundation/errors.js";

/** The checkout that this file was built in: dist/lab/rack/layout.js. */
export const CHECKOUT = resolve(__dirname, "../../..");

/** Where everything of one rack is: files, namespace, container. One name leads to all of it. */
export interface Layout {
  rack: string;
  /** `.rack/<rack>` in the checkout, 0700. */
  dir: string;
  /** Network namespace, as `ip netns` names it. */
  namespace: string;
  namespaceFile: string;
  /** Machine name of the provisioning host's container. */
  container: string;
  hostFiles: string;
  /** The rack file as it was when the rack came up, completed. */
  rackFile: string;
  control: string;
  events: string;
  daemonLog: string;
  hostLog: string;
  caCertificate: string;
  caKey: string;
  bmcPassword: string;
  operatorKey: string;
  hostKey: string;
  hostKeyPublic: string;
}

export function layoutOf(rack: string, checkout: string = CHECKOUT): Layout {
  const dir = join(checkout, ".rack", rack);
  const namespace = `flint-${rack}`;
  return {
    rack,
    dir,
    namespace,
    namespaceFile: `/run/netns/${namespace}`,
    container: `flint-${rack}-host`,
    hostFiles: join(dir, "provisioning-host"),
    rackFile: join(dir, "rack.json"),
    control: join(dir, "run", "control.sock"),
    events: join(dir, "log", "events.jsonl"),
    daemonLog: join(dir, "log", "daemon.log"),
    hostLog: join(dir, "log", "host.log"),
    caCertificate: join(dir, "bmc-ca.pem"),
    caKey: join(dir, "pki", "ca.key"),
    bmcPassword: join(dir, "bmc-password"),
    operatorKey: join(dir, "operator_ed25519"),
    hostKey: join(dir, "host_ed25519"),
    hostKeyPublic: join(dir, "host_ed25519.pub"),
  };
}

/** The command that a user types for this rack: `npm run rack -- up`, with `--rack` unless it is the usual one. */
export function rackCommand({ rack }: Pick<Layout, "rack">, words: string): string {
  return `"npm run rack -- ${words}${rack === "dev" ? "" : ` --rack ${rack}`}"`;
}

/** One machine's files. */
export function machineFiles({ dir }: Layout, machine: string) {
  const own = join(dir, "machines", machine);
  return {
    dir: own,
    disk: join(own, "disk.qcow2"),
    variables: join(own, "firmware-variables.fd"),
    httpVariables: join(own, "firmware-variables-http.fd"),
    qmp: join(own, "qmp.sock"),
    console: join(own, "console.sock"),
    pid: join(own, "qemu.pid"),
    override: join(own, "boot-override.json"),
    /** Files of ipmi_sim, and where it asks for the machine's power. */
    ipmi: join(own, "ipmi"),
    chassis: join(own, "chassis.sock"),
    certificate: join(own, "bmc.pem"),
    key: join(own, "bmc.key"),
    serialLog: join(dir, "log", `${machine}.serial`),
  };
}

/**
 * The form of a socket's path that fits into the kernel's 107 bytes: absolute, or relative to this process.
 * @throws FlintError RACK_PATH when neither does.
 */
export function socketPath(path: string): string {
  const short = [path, relative(process.cwd(), path)].find((form) => Buffer.byteLength(form) <= 107);
  if (short !== undefined) return short;
  throw new FlintError("RACK_PATH", {
    subject: path,
    expected: "a path of at most 107 bytes for a socket",
    remedy: "Move the checkout to a shorter path, or give the rack a shorter name.",
  });
}
