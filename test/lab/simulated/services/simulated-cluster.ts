import { existsSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { waitUntil } from "../../../../foundation/wait.js";
import { Clock } from "../../../../lab/simulated/clock.js";
import { Random } from "../../../../lab/simulated/random.js";
import { newServiceGroups } from "../../../../lab/simulated/services/groups.js";
import { NodeServices, type ServiceFaults } from "../../../../lab/simulated/services/node-services.js";
import { DEFAULT_PORTS, type Service } from "../../../../lab/simulated/services/ports.js";
import { newServiceData } from "../../../../lab/simulated/services/service-data.js";
import { ownOctets } from "../../../loopback.js";
import { call } from "../../services/api.js";
import { CertifiedCluster } from "../../services/certified-cluster.js";

/** Nodes of a simulated rack's services on addresses 127.x.y.1, .2, …, many times faster than real ones. */
export class SimulatedCluster extends CertifiedCluster {
  readonly clock = new Clock(20);
  readonly random = new Random("services");
  readonly groups = newServiceGroups({ clock: this.clock, random: this.random });
  readonly nodes: SimulatedNode[] = [];
  private readonly net = `127.${ownOctets(2)}`;

  constructor() {
    super(join(tmpdir(), "flint-simulated-"));
  }

  /** A node with its certificate; off. */
  node(id: string): SimulatedNode {
    const node = new SimulatedNode(this, id, `${this.net}.${this.nodes.length + 1}`);
    node.certify();
    this.nodes.push(node);
    return node;
  }

  /** Role by id, as this node tells. */
  async roles(node: SimulatedNode): Promise<Record<string, string>> {
    const { json } = await this.ask(node, "chainfire", "GET", "/admin/cluster/members");
    return Object.fromEntries(json.members.map(({ id, role }: { id: string; role: string }) => [id, role]));
  }

  leader(): SimulatedNode {
    const leader = [...this.groups.chainfire.replicas].find(({ leads }) => leads);
    const node = this.nodes.find(({ id }) => id === leader?.id);
    if (node === undefined) throw new Error("nobody leads");
    return node;
  }

  /** Waits until a node's health is as given: "200 follower", "503 removed", … */
  async health(node: SimulatedNode, service: Service, wanted: string): Promise<void> {
    let seen = "";
    await waitUntil(
      async () => {
        const answer = await call(this.operator, "GET", `${node.url(service)}/health`, undefined, true).catch(() => {});
        seen = answer === undefined ? "no answer" : `${answer.status} ${answer.json?.state ?? answer.json?.status}`;
        return new RegExp(`^${wanted}$`).test(seen);
      },
      {
        reason: `${service} of ${node.id} as ${wanted}`,
        deadlineMs: 60_000,
        intervalMs: 20,
        lastSeen: () => `${seen}\n${node.events.slice(-20).join("\n")}`,
        remedy: "",
      },
    );
  }

  async destroy(): Promise<void> {
    await Promise.all(this.nodes.map((node) => node.cut()));
    rmSync(this.directory, { recursive: true, force: true });
  }
}

/** A machine, as far as its services need one: addresses, a disk, and power. */
export class SimulatedNode {
  services: NodeServices | undefined;
  readonly events: string[] = [];
  data = newServiceData();
  /** Content of cluster-config.json. */
  configuration = "";
  private voter = true;

  constructor(
    private readonly cluster: SimulatedCluster,
    readonly id: string,
    readonly address: string,
  ) {}

  get tls(): string {
    return join(this.cluster.directory, this.id);
  }

  get raftAddr(): string {
    return `${this.address}:2380`;
  }

  url(service: Service): string {
    return `https://${this.address}:${DEFAULT_PORTS[service]}`;
  }

  certify(): void {
    this.cluster.authority.issue(this.tls, this.id, [this.id, `${this.id}.test`], [this.address]);
  }

  /** As Flint writes cluster-config.json. */
  configure(initial: readonly SimulatedNode[], { bootstrap, voter = true }: { bootstrap: boolean; voter?: boolean }) {
    this.voter = voter;
    this.configuration = JSON.stringify({
      version: 1,
      cluster: "test",
      node_id: this.id,
      bootstrap,
      leader_url: initial[0]?.url("chainfire"),
      raft_addr: this.raftAddr,
      flaredb: { leader_url: initial[0]?.url("flaredb"), raft_addr: `${this.address}:2480` },
      initial_members: initial.map((node) => ({
        id: node.id,
        raft_addr: node.raftAddr,
        api_url: node.url("chainfire"),
        flaredb_raft_addr: `${node.address}:2480`,
        flaredb_api_url: node.url("flaredb"),
        iam_url: node.url("iam"),
      })),
    });
  }

  boot(faults: ServiceFaults = {}): void {
    const { clock, random, groups } = this.cluster;
    this.services = new NodeServices({
      clock,
      groups,
      random: random.fork(this.id),
      addresses: [this.address],
      readFile: (path) => this.read(basename(path)),
      data: this.data,
      voter: this.voter,
      onEvent: (event) => this.events.push(JSON.stringify(event)),
    });
    void this.services.upset(faults);
    this.services.start();
  }

  /** Power cut. */
  async cut(): Promise<void> {
    const { services } = this;
    this.services = undefined;
    await services?.stop();
  }

  async wipe(): Promise<void> {
    await this.cut();
    this.data = newServiceData();
  }

  private read(name: string): Buffer | undefined {
    if (name === "cluster-config.json") return Buffer.from(this.configuration);
    const path = join(this.tls, name);
    return existsSync(path) ? readFileSync(path) : undefined;
  }
}
