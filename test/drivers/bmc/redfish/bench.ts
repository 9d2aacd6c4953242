import { X509Certificate } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import type { Server } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { BootDevice } from "../../../../drivers/bmc/driver.js";
import type { RedfishAddress } from "../../../../drivers/bmc/redfish/address.js";
import { openRedfish } from "../../../../drivers/bmc/redfish/driver.js";
import { waitUntil } from "../../../../foundation/wait.js";
import { Bmc } from "../../../../lab/redfish/bmc.js";
import { BootOverride } from "../../../../lab/redfish/boot-override.js";
import { FakeBackend } from "../../../../lab/redfish/fake-backend.js";
import { serveBmc } from "../../../../lab/redfish/server.js";
import { CertificateAuthority } from "../../../lab/services/certificates.js";
import { portOf } from "../../../loopback.js";
import type { Bench } from "../contract.js";

/** Certificates for 127.0.0.1, made once for all tests. */
export const tls = (() => {
  const directory = mkdtempSync(join(tmpdir(), "flint-test-bmc-"));
  const authority = new CertificateAuthority(join(directory, "ca"));
  authority.issue(join(directory, "bmc"), "bmc", [], ["127.0.0.1"]);
  new CertificateAuthority(join(directory, "other"));
  const read = (name: string) => readFileSync(join(directory, name), "utf8");
  const made = {
    ca: read("ca/ca.crt"),
    otherCa: read("other/ca.crt"),
    key: read("bmc/node.key"),
    cert: read("bmc/node.crt"),
  };
  rmSync(directory, { recursive: true });
  return { ...made, fingerprint: new X509Certificate(made.cert).fingerprint256 };
})();

export const PASSWORD = "correct horse battery";

export interface RedfishBench extends Bench {
  bmc: Bmc;
  server: Server;
  address: RedfishAddress;
  requests: Request[];
  /** Called when a request was worked on, before its answer is sent. */
  onRequest?: (request: Request) => void;
}

interface Request {
  method: string;
  path: string;
  /** 0: nothing is answered. */
  status: number;
}

/** The lab's emulated BMC in front of a machine that has only power and a boot source, on loopback. */
export async function redfishBench(): Promise<RedfishBench> {
  const override = new BootOverride({ enabled: "Disabled", target: "None", mode: "UEFI" });
  const machine = new FakeBackend(
    {
      uuid: "7f000000-0000-4000-8000-000000000001",
      serial: "RACK-test-01",
      model: "Virtual",
      macs: ["52:54:00:00:00:01", "52:54:00:00:01:01"],
      cpus: 1,
      memoryGiB: 1,
      mode: "UEFI",
    },
    override,
  );
  const bmc = new Bmc("node01", machine, override, { username: "admin", password: PASSWORD });
  const requests: RedfishBench["requests"] = [];
  const server = await serveBmc(bmc, {
    host: "127.0.0.1",
    port: 0,
    key: tls.key,
    cert: tls.cert,
    onRequest(request) {
      requests.push(request);
      bench.onRequest?.(request);
    },
  });
  const devices: Record<string, BootDevice | "usual"> = {
    None: "usual",
    Pxe: "pxe",
    Hdd: "disk",
    UefiHttp: "uefi-http",
  };
  const address: RedfishAddress = {
    type: "redfish",
    url: urlOf(server),
    username: "admin",
    password: PASSWORD,
    ca: tls.ca,
  };
  const bench: RedfishBench = {
    bmc,
    server,
    address,
    requests,
    open: (context) => openRedfish(address, context, { pauseMs: 10 }),
    heard() {},
    obeys: async () => {
      const isOff = async () => machine.power() === "Off";
      await waitUntil(isOff, { reason: "its system to end", deadlineMs: 60_000, intervalMs: 5, remedy: "" });
    },
    powered: () => machine.power() === "On",
    boots: () => machine.boots.map((source) => devices[source] ?? "usual"),
    modes: ["uefi"],
    stick() {
      bmc.faults = { powerStuck: true };
    },
    identity: { serial: "RACK-test-01", macs: ["52:54:00:00:00:01", "52:54:00:00:01:01"] },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
  return bench;
}

export function urlOf(server: Server): string {
  return `https://127.0.0.1:${portOf(server)}`;
}
