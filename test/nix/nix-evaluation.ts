import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

/** The checkout: mocha runs there. */
export const CHECKOUT = resolve(".");

/** Evaluates a Nix expression to JSON. Rejects with nix's own error text, without colours and traces. */
export async function evaluate(expression: string): Promise<unknown> {
  try {
    const { stdout } = await run("nix-instantiate", ["--eval", "--strict", "--json", "--expr", expression], {
      timeout: 30_000,
      maxBuffer: 16 << 20,
    });
    return JSON.parse(stdout);
  } catch (cause) {
    const stderr = typeof cause === "object" && cause !== null && "stderr" in cause ? String(cause.stderr) : "";
    // biome-ignore lint/complexity/useRegexLiterals: an escape character in a literal is refused too
    const plain = stderr.replace(new RegExp("\u001b\\[[0-9;]*m", "g"), "");
    const last = plain.lastIndexOf("error: ");
    throw new Error(last < 0 ? String(cause) : plain.slice(last + 7).trim());
  }
}

/** A node's entry of cluster.json as Flint writes it. */
export function nodeEntry(number: number, change: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    profile: "control-plane",
    system: "x86_64-linux",
    networks: {
      provisioning: { mac: `52:54:00:00:00:0${number}`, address: `10.0.100.${49 + number}`, prefixLength: 24 },
      cluster: { mac: `52:54:00:00:01:0${number}`, address: `10.0.200.${9 + number}`, prefixLength: 24 },
    },
    hosts: { node01: { provisioning: "10.0.100.50", cluster: "10.0.200.10" } },
    disk: { layout: "single-uefi", serial: `DISK-dev-0${number}`, mark: "flint-1a2b3c4d" },
    kernelParams: [],
    labels: { rack: "a1" },
    services: { chainfire: { apiPort: 2379, raftPort: 2380 }, iam: { port: 8080 } },
    sshAuthorizedKeys: ["ssh-ed25519 AAAA operator"],
    ...change,
  };
}

export const CLUSTER = { name: "dev", domain: "dev.example.com" };

/** cluster.json in a directory of its own; `remove` when done. */
export function clusterFile(content: unknown): { path: string; remove: () => void } {
  const directory = mkdtempSync(join(tmpdir(), "flint-cluster-"));
  const path = join(directory, "cluster.json");
  writeFileSync(path, JSON.stringify(content));
  return { path, remove: () => rmSync(directory, { recursive: true, force: true }) };
}
