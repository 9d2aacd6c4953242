import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import type { NodeArgs } from "../../../components/cluster/args.js";
import { type ClusterPlan, planCluster } from "../../../components/cluster/plan.js";
import { readCluster } from "../../../components/cluster/problems.js";
import { rackFlake } from "../../../lab/rack/rack-flake.js";
import { sampleCluster, sampleNode } from "../../components/cluster/sample.js";
import { CertificateAuthority } from "../../lab/services/certificates.js";
import { CHECKOUT, clusterFile } from "../nix-evaluation.js";
import { ContainerNetwork } from "./container-network.js";
import { ContainerNode } from "./container-node.js";
import { type Operation, type Outcome, outcomesSchema } from "./operation.js";

export type RaftService = "chainfire" | "flaredb";
const PORTS = { chainfire: 2379, flaredb: 2479 };

interface Members {
  leader?: string;
  term?: number;
  members: { id: string; raft_addr: string; role: string; raft_id: string }[];
}

/**
 * A cluster as a user declares it, planned by the component, built by nix from the rack's flake, and started in containers:
 * the units are those that the machines of the rack run, and each in its sandbox.
 */
export class ContainerCluster {
  private readonly directory: string;
  private readonly authority: CertificateAuthority;
  private readonly network: ContainerNetwork;
  private mounted: string | undefined;
  readonly nodes: ContainerNode[] = [];
  readonly plan: ClusterPlan;

  /** The first three form the cluster, the others join it. @param changes By number, what is declared otherwise. */
  constructor(count: number, changes: Record<number, Partial<NodeArgs>> = {}) {
    const numbers = Array.from({ length: count }, (_, index) => index + 1);
    this.plan = planOf(numbers, changes);
    const toplevels = buildSystems(this.plan);
    // In memory where there is such a place: a slow disk's fsync would make etcd elect new leaders in the middle of a test.
    this.directory = mkdtempSync(join(existsSync("/dev/shm") ? "/dev/shm" : tmpdir(), "flint-first-boot-"));
    this.network = new ContainerNetwork();
    this.authority = new CertificateAuthority(join(this.directory, "ca"));
    this.authority.issue(this.operator, "flint-operator", [], []);
    numbers.forEach((number, index) => {
      const node = this.plan.nodes[nameOf(number)];
      const toplevel = toplevels[index];
      if (node === undefined || toplevel === undefined) throw new Error(`${nameOf(number)} was not planned and built`);
      const directory = join(this.directory, node.name);
      mkdirSync(directory);
      const made = new ContainerNode(node, toplevel, this.usrOf(toplevel), directory, this.network, number);
      this.certify(made);
      this.nodes.push(made);
    });
  }

  /** Where the operator's certificate is. */
  private get operator(): string {
    return join(this.directory, "operator");
  }

  node(name: string): ContainerNode {
    const found = this.nodes.find(({ plan }) => plan.name === name);
    if (found === undefined) throw new Error(`no ${name}`);
    return found;
  }

  /** Gives a node its certificate: of this cluster's authority, unless another is given. */
  certify(node: ContainerNode, authority = this.authority, from?: Date): void {
    const { commonName, dnsNames, ipAddresses } = node.plan.certificate;
    const made = join(node.directory, "certificate");
    authority.issue(made, commonName, dnsNames, ipAddresses, "ec", from);
    for (const file of ["node.crt", "node.key"]) execFileSync("cp", [join(made, file), node.secrets]);
    execFileSync("cp", [this.authority.certificate, join(node.secrets, "ca.crt")]);
  }

  stranger(): CertificateAuthority {
    return new CertificateAuthority(join(this.directory, "stranger"));
  }

  /** The service's members, as the first node that answers lists them. */
  members(service: RaftService = "chainfire"): Members {
    for (const { plan } of this.nodes) {
      try {
        const text = this.call(plan.name, service, "GET", "/admin/cluster/members");
        const members: Members = JSON.parse(text);
        if (members.leader !== undefined) return members;
      } catch {
        // down, or without a leader: the next one may know more
      }
    }
    throw new Error(`no member of ${service} knows a leader`);
  }

  /** "node01: voter" of each member, sorted. */
  roles(service: RaftService = "chainfire"): string[] {
    return this.members(service)
      .members.map(({ id, role }) => `${id}: ${role === "learner" ? "learner" : "voter"}`)
      .sort();
  }

  leader(service: RaftService = "chainfire"): string {
    return this.members(service).leader ?? "";
  }

  hasLeader(service: RaftService): boolean {
    try {
      return this.members(service).leader !== undefined;
    } catch {
      return false;
    }
  }

  /** The operator's own certificate and key, and the authority's. */
  credentials(): { ca: string; clientCert: string; clientKey: string } {
    const read = (file: string) => readFileSync(join(this.operator, file), "utf8");
    return { ca: read("ca.crt"), clientCert: read("node.crt"), clientKey: read("node.key") };
  }

  /** Does operations on resources of this cluster in one process, as Pulumi's engine has them done, from the operator's place. */
  async operate(operations: readonly Operation[]): Promise<Outcome[]> {
    const [command, args] = this.network.inside(process.execPath, join(__dirname, "operate.js"));
    const { stdout } = await execa(command, args, { input: JSON.stringify(operations), timeout: 450_000 });
    return outcomesSchema.parse(JSON.parse(stdout));
  }

  /** Asks the leader, as the operator. */
  tellLeader(service: RaftService, path: string, body: unknown): void {
    this.call(this.leader(service), service, "POST", path, JSON.stringify(body));
  }

  private call(name: string, service: RaftService, method: string, path: string, body = ""): string {
    const { address } = this.node(name).plan.data.networks.cluster;
    const file = (each: string) => join(this.operator, each);
    const [command, args] = this.network.inside(
      ...["curl", "--silent", "--show-error", "--fail", "--max-time", "5", "--request", method, "--data", body],
      ...["--cacert", file("ca.crt"), "--cert", file("node.crt"), "--key", file("node.key")],
      `https://${address}:${PORTS[service]}${path}`,
    );
    return execFileSync(command, args, { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
  }

  /** Mounts the image that all systems have as their /usr, once. */
  private usrOf(toplevel: string): string {
    if (this.mounted === undefined) {
      const usr = join(this.directory, "usr");
      mkdirSync(usr);
      execFileSync("mount", ["-t", "squashfs", "-o", "loop,ro", realpathSync(join(toplevel, "usr")), usr]);
      this.mounted = usr;
    }
    return this.mounted;
  }

  /** Does all of it, whatever fails; then says what failed first. */
  async remove(): Promise<void> {
    const ended = await Promise.allSettled(this.nodes.map((node) => node.remove()));
    const rest = await Promise.allSettled([
      (async () => this.network.remove())(),
      (async () => {
        if (this.mounted !== undefined) execFileSync("umount", [this.mounted]);
        rmSync(this.directory, { recursive: true, force: true });
      })(),
    ]);
    const failed = [...ended, ...rest].find((each) => each.status === "rejected");
    if (failed !== undefined) throw failed.reason;
  }
}

const nameOf = (number: number) => `node0${number}`;

function planOf(numbers: number[], changes: Record<number, Partial<NodeArgs>>): ClusterPlan {
  const nodes = Object.fromEntries(numbers.map((number) => [nameOf(number), sampleNode(number, changes[number])]));
  const { cluster, problems } = readCluster(sampleCluster((args) => Object.assign(args, { nodes })));
  if (cluster === undefined) throw new Error(`the sample is unsound: ${JSON.stringify(problems)}`);
  return planCluster(cluster);
}

/** Store paths of the systems, in the order of the nodes' names; one `nix build`. */
function buildSystems(plan: ClusterPlan): string[] {
  const names = Object.keys(plan.nodes);
  const nodes = Object.fromEntries(
    Object.entries(plan.nodes).map(([name, { data }]) => [
      name,
      { ...data, sshAuthorizedKeys: ["ssh-ed25519 AAAA operator"] },
    ]),
  );
  const file = clusterFile({ version: 1, cluster: { name: "dev", domain: "dev.example.com" }, nodes });
  try {
    const flake = rackFlake(CHECKOUT, file.path);
    const systems = names.map((name) => flake.output(`sandboxedConfigurations.${name}.config.system.build.toplevel`));
    return execFileSync("nix", ["build", "--no-link", "--print-out-paths", ...flake.options, ...systems], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "pipe"],
      timeout: 200_000,
    })
      .trim()
      .split("\n");
  } finally {
    file.remove();
  }
}
