import type { Clock } from "../clock.js";
import type { Random } from "../random.js";
import { type Answer, problem, type Question } from "./answer.js";
import { type ClusterConfiguration, raftIdentity, readClusterConfiguration } from "./cluster-configuration.js";
import type { ServiceGroups } from "./groups.js";
import { answerHealth, Iam, setupNote } from "./iam.js";
import { joinCluster } from "./join-unit.js";
import { Listener } from "./listener.js";
import { DEFAULT_PORTS, SERVICES, type Service, type ServicePorts } from "./ports.js";
import { answerRaft } from "./raft/api.js";
import type { RaftService } from "./raft/identity.js";
import type { Replica } from "./raft/replica.js";
import type { ServiceData } from "./service-data.js";
import { type ReadFile, readSecret, readTlsIdentity } from "./tls-identity.js";
import { type Opened, ServiceUnit, type UnitState } from "./unit.js";

/** What can be wrong with the services of a machine; read whenever it matters. Times are simulated milliseconds. */
export interface ServiceFaults {
  /** Each service starts so much later. */
  late?: number;
  /** These end right after their start, again and again. */
  crashLoop?: readonly string[];
  /** Each answer comes so much later. */
  slowAnswers?: number;
}

export interface NodeServicesOptions {
  clock: Clock;
  random: Random;
  groups: ServiceGroups;
  /** The machine's own addresses. */
  addresses: readonly string[];
  /** The machine's disk. */
  readFile: ReadFile;
  data: ServiceData;
  /** Whether the node's profile has Chainfire, FlareDB and IAM; PlasmaVMC is on every node. */
  voter: boolean;
  onEvent?: (event: { event: string; [key: string]: unknown }) => void;
  ports?: Partial<ServicePorts>;
}

/** How long a service takes to start, in simulated milliseconds, from and to. */
const START_MS = [200, 1_500] as const;
const SETUP_INTERVAL_MS = 1_000;
/** As nix/scripts/cluster-health-check.sh waits for each answer. */
const HEALTH_ANSWER_MS = 15_000;
const HEALTH: Question = {
  ...{ method: "GET", path: "/health", rawPath: "/health", query: new URLSearchParams() },
  ...{ body: Buffer.alloc(0), caller: undefined },
};

/** The services of one installed and running machine, from its boot to its end. */
export class NodeServices {
  private faults: ServiceFaults = {};
  private readonly ends = new AbortController();
  private readonly units = new Map<Service, ServiceUnit>();
  private readonly answers = new Map<Service, (question: Question) => Promise<Answer>>();
  private readonly steps = new Map<string, UnitState>();
  private readonly replicas = new Map<RaftService, Replica>();
  private readonly ports: ServicePorts;
  private linked = true;

  constructor(private readonly options: NodeServicesOptions) {
    this.ports = { ...DEFAULT_PORTS, ...options.ports };
    const services = options.voter ? SERVICES : (["plasmavmc"] as const);
    for (const service of services) this.units.set(service, this.unitOf(service));
  }

  /** The machine has booted: its services start one after another, and its first-boot steps as soon as they can. */
  start(): void {
    // Without its key a service is not started at all (ConditionPathExists).
    if (readSecret(this.options.readFile, "node.key") === undefined) return;
    void this.startUnits();
    if (this.options.voter) void this.takeSteps().catch((error: unknown) => this.unlessEnded(error));
  }

  /** Power cut or shutdown: listeners and connections are gone at once. */
  async stop(): Promise<void> {
    this.ends.abort();
    await Promise.all([...this.units.values()].map((unit) => unit.stop()));
  }

  /** `systemctl try-restart`: certificates and configuration are read again. */
  async restart(services: readonly string[]): Promise<void> {
    const wanted = [...this.units].filter(([service]) => services.includes(service));
    await Promise.all(wanted.map(([, unit]) => unit.restart()));
  }

  /** The process of a service dies, and systemd starts it again. */
  async kill(service: Service): Promise<void> {
    await this.units.get(service)?.kill();
  }

  /** Replaces what is wrong: those that are to crash do so now; those that are not up are started anew. */
  async upset(faults: ServiceFaults): Promise<void> {
    this.faults = faults;
    const crashing = [...this.units].filter(([service]) => faults.crashLoop?.includes(service));
    await Promise.all(crashing.map(([, unit]) => unit.kill()));
    for (const unit of this.units.values()) if (unit.state === "activating") void unit.start();
  }

  /** Cuts the raft services off from other nodes' (the API still answers), or connects them again. */
  link(linked: boolean): void {
    this.linked = linked;
    for (const [service, replica] of this.replicas) this.options.groups[service].link(replica, linked);
  }

  /** As `systemctl is-active` says; also of `chainfire-cluster-join`, `flaredb-cluster-join` and `iam-initial-setup`. */
  state(service: string): UnitState {
    for (const [name, unit] of this.units) if (name === service) return unit.state;
    return this.steps.get(service) ?? "inactive";
  }

  /** The mark /var/lib/flint/.<service>-joined is there. */
  joined(service: string): boolean {
    return this.options.data.marks.has(`.${service}-joined`);
  }

  /**
   * What is not well, as `/etc/flint/health` says it: the health endpoints of this machine's own services. That these have a
   * quorum behind them is in their answers.
   */
  async trouble(): Promise<string | undefined> {
    const tooLate = (this.faults.slowAnswers ?? 0) >= HEALTH_ANSWER_MS;
    const looks = [...this.units].map(async ([service, unit]) => {
      const answer = unit.state === "active" && !tooLate ? await this.answers.get(service)?.(HEALTH) : undefined;
      return answer?.status === 200 ? [] : [`${service}: health here answers ${answer?.status ?? "000"}`];
    });
    const troubles = (await Promise.all(looks)).flat();
    return troubles.length === 0 ? undefined : troubles.join("; ");
  }

  private async startUnits(): Promise<void> {
    for (const service of SERVICES) if (!this.ends.signal.aborted) await this.units.get(service)?.start();
  }

  private unitOf(service: Service): ServiceUnit {
    const { clock, random, onEvent } = this.options;
    return new ServiceUnit({
      clock,
      signal: this.ends.signal,
      delay: () => random.between(...START_MS) + (this.faults.late ?? 0),
      crashes: () => this.faults.crashLoop?.includes(service) ?? false,
      open: () => this.open(service),
      onState: (state, why) => onEvent?.({ event: "service", service, state, ...(why === undefined ? {} : { why }) }),
    });
  }

  private async open(service: Service): Promise<Opened> {
    const { readFile, addresses } = this.options;
    const tls = readTlsIdentity(readFile);
    const configuration = readClusterConfiguration(readSecret(readFile, "cluster-config.json")?.toString() ?? "");
    const { answer, close } = this.begin(service, configuration);
    this.answers.set(service, answer);
    try {
      const listener = new Listener(tls, (question) => this.answer(question, answer));
      await listener.open(addresses, this.ports[service]);
      return {
        close: async () => {
          close();
          await listener.close();
        },
      };
    } catch (error) {
      close();
      throw error;
    }
  }

  private async answer(question: Question, answer: (question: Question) => Promise<Answer>): Promise<Answer> {
    const { clock, onEvent } = this.options;
    if (this.faults.slowAnswers !== undefined) await clock.sleep(this.faults.slowAnswers, this.ends.signal);
    const given = await answer(question);
    const { method, path, caller, body } = question;
    if (method === "POST")
      onEvent?.({
        event: "request",
        path,
        body: body.toString().slice(0, 200),
        by: caller?.name,
        status: given.status,
      });
    return given;
  }

  private begin(
    service: Service,
    configuration: ClusterConfiguration,
  ): { answer: (question: Question) => Promise<Answer>; close: () => void } {
    const { groups } = this.options;
    if (service === "chainfire" || service === "flaredb") return this.beginRaft(service, configuration);
    const { node_id } = configuration;
    if (service === "iam") {
      const iam = new Iam(groups.flaredb, () => this.replicas.get("flaredb"));
      groups.iams.set(node_id, iam);
      const close = () => {
        if (groups.iams.get(node_id) === iam) groups.iams.delete(node_id);
      };
      return { answer: (question) => answerHealth(question, () => iam.status()), close };
    }
    const nodes = [...new Set([node_id, ...configuration.initial_members.map(({ id }) => id)])];
    const status = async () => {
      for (const node of nodes) if ((await groups.iams.get(node)?.status()) === "healthy") return "healthy";
      return "no-iam";
    };
    return { answer: (question) => answerHealth(question, status), close: () => {} };
  }

  private beginRaft(service: RaftService, configuration: ClusterConfiguration) {
    const { groups, data } = this.options;
    const group = groups[service];
    const replica = group.start(raftIdentity(configuration, service, this.ports[service]), data[service]);
    if (!this.linked) group.link(replica, false);
    this.replicas.set(service, replica);
    const close = () => {
      group.stop(replica);
      if (this.replicas.get(service) === replica) this.replicas.delete(service);
    };
    const answer = async (question: Question) =>
      replica.up ? answerRaft(group, replica, question) : problem(503, "etcdserver: server stopped");
    return { answer, close };
  }

  /** chainfire-cluster-join, then flaredb-cluster-join, then iam-initial-setup; each once in the life of the disk. */
  private async takeSteps(): Promise<void> {
    const { clock, groups } = this.options;
    const signal = this.ends.signal;
    for (const service of ["chainfire", "flaredb"] as const)
      await this.step(`${service}-cluster-join`, `.${service}-joined`, (onFailure) =>
        joinCluster({ clock, signal, onFailure, group: groups[service], replica: () => this.replicas.get(service) }),
      );
    await this.step("iam-initial-setup", ".iam-set-up", () => this.setUpIam());
  }

  private async step(name: string, mark: string, work: (onFailure: (why: string) => void) => Promise<void>) {
    const { data, onEvent } = this.options;
    if (data.marks.has(mark)) return; // ConditionPathExists=!
    const enter = (state: UnitState, why?: string) => {
      this.steps.set(name, state);
      onEvent?.({ event: "service", service: name, state, ...(why === undefined ? {} : { why }) });
    };
    enter("activating");
    await work((why) => enter("activating", why));
    this.ends.signal.throwIfAborted();
    data.marks.add(mark);
    enter("active");
  }

  private async setUpIam(): Promise<void> {
    const { clock, groups, readFile } = this.options;
    for (;;) {
      const flaredb = this.replicas.get("flaredb");
      const { node_id, cluster } = readClusterConfiguration(
        readSecret(readFile, "cluster-config.json")?.toString() ?? "",
      );
      if (flaredb !== undefined && this.state("iam") === "active") {
        const { status } = await setupNote(groups.flaredb, flaredb);
        const at = new Date().toISOString();
        if (status === 404) await setupNote(groups.flaredb, flaredb, { version: 1, cluster, by: node_id, at });
        if (status === 200 && (await groups.iams.get(node_id)?.status()) === "healthy") return;
      }
      await clock.sleep(SETUP_INTERVAL_MS, this.ends.signal);
    }
  }

  private unlessEnded(error: unknown): void {
    if (this.ends.signal.aborted) return;
    const why = error instanceof Error ? error.message : String(error);
    this.options.onEvent?.({ event: "first-boot-failed", why });
  }
}
