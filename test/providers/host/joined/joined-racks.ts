import { spawn } from "node:child_process";
import { X509Certificate } from "node:crypto";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { execa } from "execa";
import { z } from "zod";
import type { ClusterArgs } from "../../../../components/cluster/args.js";
import { CHECKOUT } from "../../../../lab/rack/layout.js";
import { inNamespace } from "../../../../lab/rack/namespace.js";
import { RACK_FILES } from "../../../../lab/simulated/rack.js";
import type { RealHost } from "../bench.js";
import { type Joined, joinedStatusSchema } from "./machines.js";

const portSchema = z.object({ port: z.number() });

/**
 * Simulated machines beside real provisioning hosts, one for each: they ask its DHCP, TFTP and HTTP, and boot what comes. They, their
 * BMCs and their services are on the operator's machine of the first host's rack, which is cabled to the networks of all.
 */
export class JoinedRacks {
  private constructor(
    private readonly hosts: ReadonlyMap<string, RealHost>,
    private readonly directory: string,
    private readonly lines: AsyncIterator<string>,
    private readonly process: ReturnType<typeof spawn>,
    /** What commands need in their environment to find nix and nixos-anywhere. */
    readonly environment: Readonly<Record<string, string>>,
  ) {}

  /** @param hosts By name of the cluster; all of them run. */
  static async start(hosts: ReadonlyMap<string, RealHost>): Promise<JoinedRacks> {
    const directory = mkdtempSync(join(tmpdir(), "flint-joined-"));
    const [first] = hosts.values();
    if (first === undefined) throw new Error("no host");
    const racks = [...hosts].map(([name, host]) => describe(name, host.network));
    const write = (name: string, content: string) => writeFileSync(join(directory, name), content, { mode: 0o600 });
    write("joined.json", JSON.stringify(racks));
    write(RACK_FILES.bmcPassword, "correct horse battery\n");
    for (const name of ["flake", RACK_FILES.store]) mkdirSync(join(directory, name));
    write("flake/flake.nix", '{ description = "systems of simulated machines"; }\n');
    await execa("openssl", [
      ...["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "30"],
      ...["-subj", "/CN=BMCs of simulated machines", "-keyout", join(directory, RACK_FILES.bmcKey)],
      ...["-out", join(directory, RACK_FILES.bmcCertificate)],
    ]);
    for (const { bmc, addresses } of racks.flatMap(({ machines }) => machines))
      for (const address of [bmc, addresses.provisioning, addresses.cluster])
        await first.inside("ip", "addr", "add", `${address}/32`, "dev", "lo");
    const argv = inNamespace(first.layout, [process.execPath, join(__dirname, "machines.js"), directory]);
    const child = spawn(...argv, { stdio: ["pipe", "pipe", "inherit"] });
    const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
    const { port } = portSchema.parse(JSON.parse((await lines.next()).value ?? "null"));
    const programs = join(CHECKOUT, "lab/simulated/bin");
    const environment = { PATH: `${programs}:${process.env.PATH ?? ""}`, FLINT_SIMULATED_TOOLS: String(port) };
    return new JoinedRacks(hosts, directory, lines, child, environment);
  }

  /** A rack as a program declares it: one machine that votes alone. */
  cluster(name: string): ClusterArgs {
    const host = this.hosts.get(name);
    if (host === undefined) throw new Error(`no host of ${name}`);
    const { network, address, layout } = host;
    const file = (path: string) => ({ file: path });
    const certificate = new X509Certificate(readFileSync(join(this.directory, RACK_FILES.bmcCertificate)));
    const nodes = describe(name, network).machines.map((machine) => {
      const { mac, clusterMac, serial, addresses, diskSerial, bmc } = machine;
      const own = { mac, clusterMac, serial, addresses, disk: { serial: diskSerial } };
      const node = { profile: "control-plane" as const, bootstrap: true, bmc: { redfish: `https://${bmc}` }, ...own };
      return node;
    });
    return {
      name,
      prefix: `${name}-`,
      domain: `${name}.example.com`,
      networks: {
        provisioning: { cidr: `10.${network}.0.0/24` },
        cluster: { cidr: `10.${network}.1.0/24` },
      },
      pxe: {
        host: {
          ssh: `root@${address}`,
          privateKey: file(layout.operatorKey),
          hostKey: file(layout.hostKeyPublic),
        },
        interface: "host0",
        dhcp: { mode: "full", range: [`10.${network}.0.200`, `10.${network}.0.220`] },
      },
      bmc: {
        username: "admin",
        password: file(join(this.directory, RACK_FILES.bmcPassword)),
        fingerprint: certificate.fingerprint256,
      },
      system: { flake: join(this.directory, "flake") },
      // The same name in each cluster, as it may well be.
      nodes: Object.fromEntries(nodes.map((node, at) => [`node0${at + 1}`, node])),
    };
  }

  async status(): Promise<z.infer<typeof joinedStatusSchema>> {
    this.process.stdin?.write("status\n");
    return joinedStatusSchema.parse(JSON.parse((await this.lines.next()).value ?? "null"));
  }

  async stop(): Promise<void> {
    const ended = once(this.process, "exit");
    this.process.stdin?.end();
    if (this.process.exitCode === null) await ended;
    rmSync(this.directory, { recursive: true });
  }
}

function describe(name: string, network: number): Joined {
  const hex = network.toString(16).padStart(2, "0");
  return {
    name,
    host: `10.${network}.0.1`,
    broadcast: `10.${network}.0.255`,
    machines: [
      {
        name: `${name}1`,
        mac: `52:54:00:${hex}:00:01`,
        clusterMac: `52:54:00:${hex}:01:01`,
        addresses: { provisioning: `10.${network}.0.50`, cluster: `10.${network}.1.50` },
        bmc: `10.${network}.0.151`,
        serial: `SIM-${name}`,
        diskSerial: `DISK-${name}`,
        uuid: `00000000-0000-4000-8000-0000000000${hex}`,
        firmware: "uefi",
      },
    ],
  };
}
