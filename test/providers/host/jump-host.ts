import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { waitUntil } from "../../../foundation/wait.js";
import type { RealHost } from "./bench.js";

const NEAR = "10.119.0.2";
const JUMP = "10.119.0.1";

/**
 * A host on two networks: that of the provisioning host, and one whose only other machine is where Flint runs. Its sshd runs no
 * command and leads to the provisioning host's sshd only.
 */
export class JumpHost {
  private readonly dir = mkdtempSync(join(tmpdir(), "flint-jump-"));
  private readonly own: string;
  private readonly outside: string;
  private stop = async (): Promise<void> => {};

  private constructor(private readonly host: RealHost) {
    this.own = `${host.layout.namespace}-jump`;
    this.outside = `${host.layout.namespace}-out`;
  }

  static async start(host: RealHost): Promise<JumpHost> {
    const jump = new JumpHost(host);
    try {
      await jump.connect();
      await jump.serve();
      return jump;
    } catch (error) {
      await jump.close();
      throw error;
    }
  }

  /** The `jump` of a resource's host. */
  get target() {
    return {
      name: "jump host of the provisioning host",
      host: JUMP,
      privateKey: this.file("login"),
      hostKeys: [this.file("own.pub")],
    };
  }

  /** argv that runs a command on the machine that reaches the jump host only. */
  inFront(...command: string[]): [string, string[]] {
    return ["nsenter", [`--net=/run/netns/${this.outside}`, "--", ...command]];
  }

  private file(name: string): string {
    return readFileSync(join(this.dir, name), "utf8");
  }

  private async connect(): Promise<void> {
    const { namespace } = this.host.layout;
    const [own, outside] = [this.own, this.outside];
    await execa("ip", ["-batch", "-"], {
      input: `netns add ${own}
netns add ${outside}
link add prov0 netns ${own} type veth peer name jump0 netns ${namespace}
link add out0 netns ${own} type veth peer name out0 netns ${outside}
`,
    });
    const addresses = {
      [namespace]: ["link set jump0 master prov up"],
      [own]: [
        `addr add 10.${this.host.network}.0.253/24 dev prov0`,
        "link set prov0 up",
        `addr add ${JUMP}/24 dev out0`,
        "link set out0 up",
        "link set lo up",
      ],
      [outside]: [`addr add ${NEAR}/24 dev out0`, "link set out0 up", "link set lo up"],
    };
    for (const [where, lines] of Object.entries(addresses))
      await execa("ip", ["-n", where, "-batch", "-"], { input: `${lines.join("\n")}\n` });
  }

  private async serve(): Promise<void> {
    for (const name of ["login", "own"])
      await execa("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", name, "-f", join(this.dir, name)]);
    const settings = [
      `ListenAddress ${JUMP}`,
      `HostKey ${join(this.dir, "own")}`,
      `AuthorizedKeysFile ${join(this.dir, "login.pub")}`,
      ...["StrictModes no", "UsePAM no", "PasswordAuthentication no", "KbdInteractiveAuthentication no"],
      ...["PermitRootLogin prohibit-password", "PidFile none", "PermitTTY no", "ForceCommand /bin/false"],
      `PermitOpen ${this.host.address}:22`,
    ];
    writeFileSync(join(this.dir, "sshd_config"), `${settings.join("\n")}\n`);
    mkdirSync("/run/sshd", { recursive: true, mode: 0o755 }); // sshd does not start without it
    const command = ["/usr/sbin/sshd", "-D", "-e", "-f", join(this.dir, "sshd_config")];
    const sshd = execa("nsenter", [`--net=/run/netns/${this.own}`, "--", ...command], {
      reject: false,
      stdin: "ignore",
      all: true,
    });
    this.stop = async () => {
      sshd.kill();
      await sshd;
    };
    await waitUntil(
      async () =>
        (await execa(...this.inFront("ssh-keyscan", "-T", "2", JUMP), { reject: false })).stdout !== "" || undefined,
      {
        reason: "sshd of the jump host",
        deadlineMs: 60_000,
        remedy: "Read what it prints.",
      },
    );
  }

  async close(): Promise<void> {
    await this.stop();
    for (const name of [this.own, this.outside]) await execa("ip", ["netns", "delete", name], { reject: false });
    rmSync(this.dir, { recursive: true, force: true });
  }
}
