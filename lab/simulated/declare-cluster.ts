import { X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { ClusterArgs, NodeArgs } from "../../components/cluster/args.js";
import { CLUSTER, describeMachine, HOST, INTERFACE, PROVISIONING } from "./addresses.js";
import { RACK_FILES } from "./rack.js";
import type { Simulation } from "./schema.js";

const VOTERS = 3;

/** The cluster of a simulated rack's machines: three of them vote, the others are workers. */
export function declareCluster(simulation: Simulation, directory: string): ClusterArgs {
  const file = (name: string) => ({ file: join(directory, name) });
  const certificate = new X509Certificate(readFileSync(join(directory, RACK_FILES.bmcCertificate)));
  const nodes: Record<string, NodeArgs> = {};
  for (let n = 1; n <= simulation.machines; n++) {
    const { name, mac, clusterMac, addresses, bmc, serial, diskSerial } = describeMachine(n);
    nodes[name] = {
      profile: n <= VOTERS ? "control-plane" : "worker",
      ...(n <= VOTERS ? { bootstrap: true } : {}),
      mac,
      clusterMac,
      serial,
      addresses,
      disk: { serial: diskSerial },
      bmc: { redfish: `https://${bmc}` },
    };
  }
  return {
    name: simulation.cluster,
    domain: `${simulation.cluster}.example.com`,
    networks: { provisioning: { cidr: PROVISIONING }, cluster: { cidr: CLUSTER } },
    pxe: {
      host: {
        ssh: `root@${HOST}`,
        privateKey: file(RACK_FILES.operatorKey),
        hostKey: file(`${RACK_FILES.hostKey}.pub`),
      },
      interface: INTERFACE,
      dhcp: { mode: "full" },
    },
    bmc: {
      username: "admin",
      password: file(RACK_FILES.bmcPassword),
      fingerprint: certificate.fingerprint256,
    },
    system: { flake: join(directory, "flake") },
    nodes,
  };
}
