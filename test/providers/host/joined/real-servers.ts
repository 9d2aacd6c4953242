import { request } from "node:http";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { execa } from "execa";
import { z } from "zod";
import type { DhcpQuestion } from "../../../../lab/boot/ask-dhcp.js";
import type { BootServers } from "../../../../lab/simulated/machine/boot-servers.js";

const ASK = join(__dirname, "../../../../lab/boot/ask-dhcp.js");
const answerSchema = z.object({ address: z.string() });

/**
 * The servers of a real provisioning host, asked over its network from the addresses that it gives out: all of them are addresses of
 * the network namespace that this process is in.
 */
export class RealServers implements BootServers {
  constructor(
    /** The host's address. */
    private readonly host: string,
    /** Its network's. */
    private readonly broadcast: string,
  ) {}

  async dhcp(mac: string, _taken?: boolean, as?: "firmware" | "iPXE"): Promise<string | undefined> {
    const question: DhcpQuestion = { mac, architecture: 7, take: true, from: this.host, broadcast: this.broadcast };
    const asked = JSON.stringify({ ...question, ...(as === "iPXE" ? { userClass: "iPXE" } : {}) });
    const { exitCode, stdout } = await execa(process.execPath, [ASK, asked], { reject: false, stdin: "ignore" });
    return exitCode === 0 ? answerSchema.parse(JSON.parse(stdout)).address : undefined;
  }

  async tftp(address: string, file: string): Promise<boolean> {
    const argv = ["--silent", "--max-time", "20", "--interface", address, "--output", "/dev/null"];
    const { exitCode } = await execa("curl", [...argv, `tftp://${this.host}/${file}`], { reject: false });
    return exitCode === 0;
  }

  http(address: string, path: string): Promise<Buffer | undefined> {
    return new Promise((resolve) => {
      const call = request({ host: this.host, path, localAddress: address, agent: false }, (response) => {
        const content = buffer(response).catch(() => undefined);
        resolve(content.then((bytes) => (response.statusCode === 200 ? bytes : undefined)));
      });
      call.on("error", () => resolve(undefined));
      call.end();
    });
  }

  sends(): void {} // the host's own `ss` tells
}
