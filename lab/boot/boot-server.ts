import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { execa } from "execa";
import { z } from "zod";
import { waitUntil } from "../../foundation/wait.js";
import { copies, directories, optionalCopies, texts } from "../../providers/pxe-server/plan.js";
import { advertises, localAddress } from "../../providers/pxe-server/render/advertisement.js";
import type { HostTraits } from "../../providers/pxe-server/render/dnsmasq.js";
import { nginxPidFile } from "../../providers/pxe-server/render/nginx.js";
import { inputsSchema, rootOf } from "../../providers/pxe-server/schema.js";
import type { Wire } from "./wire.js";

const webLine = z.object({ ip: z.string(), uri: z.string(), status: z.coerce.number() });
/** One line of the web server's log. */
export type WebRequest = z.infer<typeof webLine>;

/** iPXE for ARM where the set-up found none in this machine's package. */
const IPXE_ARM64 = process.env.FLINT_IPXE_ARM64;

const SBIN = { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/sbin` };

/**
 * dnsmasq and nginx on one host of a wire, with exactly the files that PxeServer writes there, in a directory of their own
 * instead of /var/lib/flint.
 */
export class BootServer {
  private constructor(
    readonly root: string,
    readonly httpUrl: string,
    private readonly stop: () => Promise<void>,
  ) {}

  /**
   * @param changes Inputs of PxeServer that differ from a full DHCP server at 10.0.100.1 on eth1.
   * @param traits Of the host; without `arm64` it has no iPXE for ARM.
   */
  static async start(
    wire: Wire,
    host: string,
    changes: object = {},
    traits: Partial<HostTraits> = {},
  ): Promise<BootServer> {
    const want = inputsSchema.parse({
      cluster: "bench",
      host: { name: host, host: "10.0.100.1", privateKey: "none", hostKeys: ["none"] },
      interface: "eth1",
      address: "10.0.100.1",
      cidr: "10.0.100.0/24",
      httpUrl: "http://10.0.100.1",
      dhcp: { mode: "full", range: ["10.0.100.200", "10.0.100.250"] },
      domain: "bench.example.com",
      ...changes,
    });
    const root = mkdtempSync(join(tmpdir(), "flint-boot-"));
    chmodSync(root, 0o755); // dnsmasq and nginx give up root
    const here = (text: string) => text.replaceAll(rootOf(want.cluster), root);
    for (const directory of directories(want.cluster)) mkdirSync(here(directory), { recursive: true });
    const forArm = optionalCopies(want.cluster).map(({ from, to }) => ({ from: [...from, IPXE_ARM64 ?? ""], to }));
    for (const { from, to } of [...copies(want.cluster), ...(traits.arm64 ? forArm : [])]) {
      const own = from.find((path) => existsSync(path));
      if (own !== undefined) copyFileSync(own, here(to));
    }
    const programs = { dnsmasq: "dnsmasq", nginx: "nginx", ip: "ip" };
    for (const { path, text } of texts(want, programs, { ipv6: true, ...traits })) {
      if (!path.startsWith(rootOf(want.cluster))) continue; // units: nothing here starts them
      mkdirSync(dirname(here(path)), { recursive: true });
      writeFileSync(here(path), here(text).replace(nginxPidFile(want.cluster), `${root}/nginx.pid`));
    }
    // As the unit does before it starts dnsmasq.
    if (advertises(want, { ipv6: true }))
      await wire.run(host, "ip", "-6", "addr", "replace", localAddress(want.cluster), "dev", want.interface, "nodad");
    const daemons = [
      ["dnsmasq", "--keep-in-foreground", `--conf-file=${root}/dnsmasq/dnsmasq.conf`, "--pid-file"],
      ["nginx", "-c", `${root}/nginx/nginx.conf`, "-g", "daemon off;"],
    ].map((command) => {
      const [program, args] = wire.on(host, command);
      const daemon = execa(program, args, { reject: false, env: SBIN, stdin: "ignore" });
      return daemon;
    });
    const server = new BootServer(root, want.httpUrl, async () => {
      for (const daemon of daemons) daemon.kill("SIGTERM");
      await Promise.all(daemons);
      rmSync(root, { recursive: true });
    });
    let ended: string | undefined;
    for (const daemon of daemons) void daemon.then(({ command, stderr }) => (ended ??= `${command}: ${stderr}`));
    await waitUntil(
      async () => ended !== undefined || (server.dhcpLog().includes("started") && existsSync(`${root}/nginx.pid`)),
      { reason: "dnsmasq and nginx to start", deadlineMs: 60_000, intervalMs: 50, remedy: "Read their logs." },
    );
    if (ended !== undefined) throw new Error(ended);
    return server;
  }

  /** Puts a file below the server's directory, as BareMetalNode and NetbootImage do. */
  put(path: string, content: string | Buffer): void {
    mkdirSync(dirname(join(this.root, path)), { recursive: true });
    writeFileSync(join(this.root, path), content);
  }

  dhcpLog(): string {
    return read(join(this.root, "log/dnsmasq.log"));
  }

  web(): WebRequest[] {
    return read(join(this.root, "log/http.log"))
      .split("\n")
      .filter((line) => line.endsWith("}"))
      .map((line) => webLine.parse(JSON.parse(line)));
  }

  async close(): Promise<void> {
    await this.stop();
  }
}

function read(path: string): string {
  return existsSync(path) ? readFileSync(path, "utf8") : "";
}
