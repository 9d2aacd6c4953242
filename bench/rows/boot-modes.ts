import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { makeKeyPair } from "../../drivers/ssh/key-pair.js";
import { BootBench } from "../../lab/boot/bench.js";
import type { MachineOptions } from "../../lab/boot/boot-machine.js";
import { type BenchImage, declareForInstall } from "../../lab/boot/declared-node.js";
import { CHECKOUT } from "../../lab/rack/layout.js";
import { renderArchive } from "../../providers/bare-metal-node/render/keys-archive.js";
import { type Measurement, type Row, recorded } from "../row.js";

const NODE = { name: "node01", mac: "52:54:00:10:00:01", address: "10.0.100.50" };

const MODES: Record<string, Pick<MachineOptions, "firmware" | "http" | "plainPxe">> = {
  "uefi-tftp": { firmware: "uefi" },
  "uefi-http": { firmware: "uefi", http: true },
  "bios-tftp": { firmware: "bios", plainPxe: true },
};

const nameOf = (mode: string) => `boot.${mode}.power-to-ssh-s`;

/** From power-on until the rack's installer shows its ssh banner, one machine alone, by how it boots. */
export const measurements: Measurement[] = Object.entries(MODES).map(([mode, machine]) => ({
  names: [nameOf(mode)],
  async measure(): Promise<Row[]> {
    const { bench, server } = await BootBench.simple();
    try {
      declareForInstall(server, NODE, installer());
      const started = performance.now();
      const on = await bench.powerOn({ ...machine, memory: 1024, cards: [{ mac: NODE.mac, to: "switch" }] });
      await on.until("the installer's ssh", async () => (await banner(bench)) === "SSH-", 300_000);
      return [recorded(nameOf(mode), (performance.now() - started) / 1000, "s")];
    } finally {
      await bench.close();
    }
  },
}));

const blob = z.object({ url: z.string() });

/** As lab/systems/prepare left it in the checkout, with keys as an installation gives them. */
function installer(): BenchImage {
  const blobs = z
    .object({ kernel: blob, installer: blob })
    .parse(JSON.parse(readFileSync(join(CHECKOUT, ".rack/debian/blobs.json"), "utf8")));
  const [host, login] = [makeKeyPair("host"), makeKeyPair("login")];
  return {
    kernel: readFileSync(fileURLToPath(blobs.kernel.url)),
    initrd: readFileSync(fileURLToPath(blobs.installer.url)),
    keys: renderArchive([
      { path: "flint/authorized_keys", mode: 0o600, content: `${login.publicKey}\n` },
      { path: "flint/ssh_host_ed25519_key", mode: 0o600, content: host.privateKey },
      { path: "flint/ssh_host_ed25519_key.pub", mode: 0o644, content: `${host.publicKey}\n` },
      { path: "flint/boot.json", mode: 0o644, content: "{}\n" },
    ]),
  };
}

function banner(bench: BootBench): Promise<string> {
  const ask = `exec 3<>/dev/tcp/${NODE.address}/22 && timeout 2 head -c 4 <&3`;
  return bench.wire.run("host", "timeout", "5", "bash", "-c", ask).catch(() => "");
}
