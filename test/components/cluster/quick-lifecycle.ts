import { appendFileSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Lifecycle, LifecycleSpec } from "../../../providers/runtime/lifecycle.js";

type AnySpec = LifecycleSpec<{ self?: string }, object>;

/** What a machine and its services are found to be, in the length that real ones have. */
const FOUND: Record<string, object> = {
  BareMetalNode: {
    phase: "ready",
    toplevel: `/nix/store/${"0".repeat(32)}-nixos-system-node01-26.05`,
    bootId: "8a5d4f6e-1111-2222-3333-444455556666",
    machineSerial: "RACK-dev-01",
    installedDisk: "vda DISK-dev-01",
    files: "0123456789abcdef",
    timeline:
      "registered 0.1 s, powered-on 5.2 s, built 10.1 s, dhcp 17.1 s, firmware-loaded 18.1 s, ipxe 19.2 s, kernel 20.2 s, initrd 24.3 s, installer-up 45.2 s, disk-accepted 46 s, installed 84.1 s, rebooted 86.3 s, ready 120.2 s",
  },
  ChainfireMember: { voter: true, joinSeconds: 4.2 },
  ClusterKeys: { restored: {}, kept: true },
  ClusterHealth: { healthy: true, summary: "3 nodes healthy", checked: ["node01"], checkedAt: "2026-01-01T00:00:00Z" },
  NetbootImage: { arch: "x86_64", kernel: {}, initrd: {}, cmdline: "init=/init", damage: [] },
  PxeServer: { bootUrl: "http://10.0.100.1/boot.ipxe", dnsmasq: "2.90", nginx: "1.26", drift: [] },
};

/**
 * The resource's real lifecycle — its schema, check, diff, and what it leaves in the state — with nothing done to any
 * machine. Each delete is told to `trace` with the inputs that it got. NodeIdentity is real as it is.
 */
export function quickLifecycle(folder: string, trace: string): Lifecycle {
  const providers = resolve(__dirname, "../../../providers");
  const runtime = require(join(providers, "runtime/lifecycle.js")) as { defineLifecycle(spec: AnySpec): Lifecycle };
  // There is no host to hold a lock.
  const lock = require(join(providers, "runtime/lock/cluster-lock.js")) as { underClusterLock: unknown };
  lock.underClusterLock = (_what: unknown, work: () => unknown) => work();
  const define = runtime.defineLifecycle;
  runtime.defineLifecycle = (spec) => {
    const found = FOUND[spec.type];
    // Without a host to keep its keys on.
    if (found === undefined) return define({ ...spec, shared: spec.shared?.filter((key) => String(key) !== "host") });
    const remove = async (inputs: object) => appendFileSync(trace, `${JSON.stringify({ type: spec.type, inputs })}\n`);
    return define({ ...spec, work: async () => ({ converge: async () => found, remove, unbegun: (error) => error }) });
  };
  try {
    return (require(join(providers, folder, "lifecycle.js")) as { lifecycle: Lifecycle }).lifecycle;
  } finally {
    runtime.defineLifecycle = define;
  }
}
