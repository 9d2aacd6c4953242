import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { waitUntil } from "../../foundation/wait.js";
import type { Wire } from "./wire.js";

/** A program on a host of a wire, beside ours: the network's own DHCP server, or a relay. Ends with `close`. */
export async function startNeighbour(
  wire: Wire,
  host: string,
  ...dnsmasq: string[]
): Promise<{ close(): Promise<void> }> {
  const dir = mkdtempSync(join(tmpdir(), "flint-neighbour-"));
  const [program, args] = wire.on(host, [
    ...["dnsmasq", "--keep-in-foreground", "--conf-file=/dev/null", "--port=0", "--log-dhcp", "--log-facility=-"],
    ...["--user=root", "--pid-file", `--dhcp-leasefile=${join(dir, "leases")}`, ...dnsmasq],
  ]);
  const env = { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/sbin` };
  const running = execa(program, args, { reject: false, env, stdin: "ignore" });
  let log = "";
  running.stderr.on("data", (text: Buffer) => {
    log += text.toString();
  });
  await waitUntil(async () => log.includes("started"), {
    reason: `dnsmasq on ${host} to start`,
    deadlineMs: 15_000,
    intervalMs: 50,
    lastSeen: () => log,
    remedy: "Read what it says.",
  });
  return {
    close: async () => {
      running.kill("SIGTERM");
      await running;
      rmSync(dir, { recursive: true });
    },
  };
}
