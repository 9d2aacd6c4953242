import { createHash, randomBytes } from "node:crypto";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { execa } from "execa";
import { z } from "zod";
import { CHECKOUT, type Layout, layoutOf } from "../../../lab/rack/layout.js";
import { inNamespace } from "../../../lab/rack/namespace.js";
import { ownedProcesses } from "../../../lab/rack/owned-processes.js";
import type { JumpHost } from "./jump-host.js";
import type { Racks } from "./rack-program.js";

/** What an operation of a resource answered. */
const answerSchema = z.object({
  error: z.string().optional(),
  id: z.string().optional(),
  outs: z.record(z.string(), z.unknown()).optional(),
  props: z.record(z.string(), z.unknown()).optional(),
  warnings: z.array(z.string()).optional(),
});
export type Answer = z.infer<typeof answerSchema>;

/** How Flint gets to the host: `ssh` as an account, or `local` as an account of the host itself. */
export interface Access {
  by: "ssh" | "local";
  user: string;
  /** From a network that does not reach the host, through this one. */
  through?: JumpHost;
}
export const ROOT: Access = { by: "ssh", user: "root" };

/** What the host sees of this machine: Flint, and the Node that runs it. */
const SHARED = { "/opt/flint": CHECKOUT, "/opt/node": process.execPath };

/** The provisioning host's address in network 10.<n>.0.0/24. */
const addressIn = (n: number) => `10.${n}.0.1`;

/** Inputs of a PxeServer that fit the host in network 10.<n>.0.0/24. */
const serverIn = (n: number) => ({
  interface: "host0",
  address: addressIn(n),
  cidr: `10.${n}.0.0/24`,
  domain: "hosttest.example.com",
  dhcp: { mode: "full" as const, range: [`10.${n}.0.200`, `10.${n}.0.220`] as [string, string] },
});

/** Where a host is unless a test has several. */
const NETWORK = 19;
export const HOST = addressIn(NETWORK);
export const SERVER = serverIn(NETWORK);

/** The directory of its cluster there. */
export const ROOT_THERE = "/var/lib/flint/hosttest";

/** A rack's provisioning host alone: Debian with systemd, sshd, dnsmasq, nginx, in a network of its own. */
export class RealHost {
  readonly name: string;
  readonly layout: Layout;
  readonly dir = mkdtempSync(join(tmpdir(), "flint-host-"));
  readonly address: string;
  /** Inputs of a PxeServer that fit it. */
  readonly server: ReturnType<typeof serverIn>;

  /** @param network Its networks are 10.<network>.0.0/24 and 10.<network>.1.0/24. */
  constructor(readonly network = NETWORK) {
    this.name = `h${process.pid.toString(36)}n${network}`;
    this.layout = layoutOf(this.name);
    this.address = addressIn(network);
    this.server = serverIn(network);
  }

  /** Answers false where a rack cannot be: without root. */
  async up(): Promise<boolean> {
    if (process.getuid?.() !== 0) {
      console.log("    SKIPPED: a rack needs root (network namespaces, a container)");
      return false;
    }
    const file = `
name: ${this.name}
networks:
  provisioning: { cidr: 10.${this.network}.0.0/24, operator: 10.${this.network}.0.254 }
  cluster: { cidr: 10.${this.network}.1.0/24, operator: 10.${this.network}.1.254 }
host: { address: ${this.address}, share: ${JSON.stringify(SHARED)} }
machines:
  idle: { mac: "52:54:00:13:00:01", bmc: 10.${this.network}.0.150, memory: 256, disk: 1 }
`;
    writeFileSync(join(this.dir, "rack.yaml"), file);
    await this.rack("up", "--file", join(this.dir, "rack.yaml"));
    return true;
  }

  async down(): Promise<void> {
    if (existsSync(this.layout.dir)) await this.rack("down");
    rmSync(this.dir, { recursive: true });
  }

  private rack(...args: string[]) {
    return execa(join(CHECKOUT, "scripts/rack"), [...args, "--rack", this.name], { timeout: 580_000, stdin: "ignore" });
  }

  /** Runs a command as the operator, whose machine is on the provisioning network. */
  inside(...command: string[]) {
    return execa(...inNamespace(this.layout, command), { timeout: 110_000, stdin: "ignore" });
  }

  /** Runs a shell command on the host, by ssh; fails as it does. */
  async onHost(command: string, user = "root"): Promise<string> {
    const known = join(this.layout.dir, "run", "known_hosts");
    const login = ["-F", "none", "-o", `UserKnownHostsFile=${known}`, "-o", "BatchMode=yes"];
    const key = ["-i", this.layout.operatorKey];
    return (await this.inside("ssh", ...login, ...key, `${user}@${this.address}`, command)).stdout;
  }

  /** An account that is let in with the operator's key; `sudoers` is what follows its name there. */
  async addAccount(user: string, sudoers?: string): Promise<void> {
    await this.onHost(`useradd --create-home --shell /bin/sh ${user}
      install -d -m 0700 -o ${user} -g ${user} /home/${user}/.ssh
      install -m 0600 -o ${user} -g ${user} /root/.ssh/authorized_keys /home/${user}/.ssh/authorized_keys`);
    if (sudoers !== undefined) await this.onHost(`echo '${user} ${sudoers}' > /etc/sudoers.d/${user}`);
  }

  /** The `host` of a resource's inputs. */
  target({ by, user, through }: Access = ROOT): object {
    if (by === "local") return { name: "provisioning host", local: true };
    return {
      name: "provisioning host",
      host: this.address,
      user,
      ...(user === "root" ? {} : { sudo: true }),
      privateKey: readFileSync(this.layout.operatorKey, "utf8"),
      hostKeys: [readFileSync(join(this.layout.dir, "host_ed25519.pub"), "utf8").trim()],
      ...(through === undefined ? {} : { jump: through.target }),
    };
  }

  /**
   * Runs one operation of a resource in a process of its own: on the operator's machine, or on the host itself.
   * @param before Of an update: what the state holds.
   */
  async drive(
    resource: "pxe" | "image" | "keys",
    operation: "create" | "update" | "read" | "delete" | "warn",
    own: object,
    access: Access = ROOT,
    before: object = {},
  ): Promise<Answer> {
    const shared = { cluster: "hosttest", host: this.target(access), httpUrl: `http://${this.address}` };
    const order = { resource, operation, properties: { ...shared, ...own }, before };
    return answerSchema.parse(await this.run("drive.js", order, access));
  }

  /** Uses a session to the host in every way that there is; answers what came of it. */
  session(access: Access): Promise<unknown> {
    return this.run("session-life.js", this.target(access), access);
  }

  private async run(file: string, input: object, access: Access): Promise<unknown> {
    const path = join(__dirname, file);
    const [command, args] =
      access.by === "local"
        ? this.onHostItself(access.user, ["/opt/node", join("/opt/flint", relative(CHECKOUT, path))])
        : (access.through?.inFront(process.execPath, path) ?? inNamespace(this.layout, [process.execPath, path]));
    const { stdout } = await execa(command, args, { input: JSON.stringify(input), timeout: 110_000 });
    return JSON.parse(stdout);
  }

  /** argv that runs a program as one of the host's own processes. */
  private onHostItself(user: string, program: string[]): [string, string[]] {
    const init = ownedProcesses(this.layout.dir).find(({ role }) => role === "container");
    if (init === undefined) throw new Error("the host does not run");
    const become = user === "root" ? [] : ["runuser", "-u", user, "--"];
    const spaces = ["--mount", "--net", "--pid", "--ipc", "--uts", "--wd=/"];
    return ["nsenter", [`--target=${init.pid}`, ...spaces, "--", ...become, ...program]];
  }

  /** What a stack declares of its rack: see `rack-program.ts`. @param through The way there. Default: none is needed. */
  declared(through?: JumpHost): Racks[string] {
    const images = [this.image("worker", "kernel", "initrd")];
    const jump = through === undefined ? {} : { jump: { user: "root", ...through.target } };
    const privateKey = readFileSync(this.layout.operatorKey, "utf8");
    const hostKeys = [readFileSync(join(this.layout.dir, "host_ed25519.pub"), "utf8").trim()];
    const access = { host: this.address, user: "root", privateKey, hostKeys, ...jump };
    return { access, prepare: true, server: { ...this.server, httpUrl: `http://${this.address}` }, images };
  }

  /** Inputs of a NetbootImage whose files have random content, the same for the same name. */
  image(profile: "control-plane" | "worker", kernel: string, initrd: string): Racks[string]["images"][number] {
    const file = (name: string) => {
      const path = join(this.dir, name);
      if (!existsSync(path)) writeFileSync(path, randomBytes(5_000_000));
      return { path, sha256: createHash("sha256").update(readFileSync(path)).digest("hex") };
    };
    return { profile, source: { files: { kernel: file(kernel), initrd: file(initrd), cmdline: "console=ttyS0" } } };
  }

  /** When each of a cluster's units was started. */
  unitStarts(cluster = "hosttest"): Promise<string> {
    return this.onHost(`systemctl show -p ActiveEnterTimestampMonotonic --value 'flint-${cluster}-*'`);
  }

  /** Process numbers of the cluster's servers: another one was started anew. */
  async servers(): Promise<{ dnsmasq?: string; nginx?: string }> {
    const show = "systemctl show -p MainPID --value flint-hosttest-dnsmasq flint-hosttest-nginx";
    const [dnsmasq, , nginx] = (await this.onHost(show)).split("\n");
    return { dnsmasq, nginx };
  }

  /** Every file of the cluster. */
  files(): Promise<string> {
    return this.onHost("find /var/lib/flint /etc/systemd/system -name '*flint*' -o -path '*/hosttest/*' | sort");
  }
}
