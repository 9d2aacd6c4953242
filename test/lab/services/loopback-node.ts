import { type ChildProcess, spawn } from "node:child_process";
import { createWriteStream, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Answer, call } from "./api.js";

export type Service = "chainfire" | "flaredb" | "iam" | "plasmavmc";
export const ports = { chainfire: 21379, flaredb: 21479, iam: 21080, plasmavmc: 21081 } as const;

/** What a script said and how it ended. */
export interface ScriptResult {
  code: number | null;
  said: string;
}

/** One node on a loopback address of its own, with its files where the options of the services point. */
export class LoopbackNode {
  private readonly processes = new Map<Service, ChildProcess>();

  constructor(
    readonly id: string,
    readonly address: string,
    readonly directory: string,
    private readonly program: string,
  ) {
    mkdirSync(directory, { recursive: true });
  }

  get tls(): string {
    return join(this.directory, "tls");
  }
  get config(): string {
    return join(this.directory, "cluster-config.json");
  }
  get raftAddr(): string {
    return `${this.address}:${ports.chainfire + 1}`;
  }
  get flareDBRaftAddr(): string {
    return `${this.address}:${ports.flaredb + 1}`;
  }
  stateOf(service: Service): string {
    return join(this.directory, service);
  }
  url(service: Service): string {
    return `https://${this.address}:${ports[service]}`;
  }

  /** Writes cluster-config.json as Flint does. */
  configure(initial: readonly LoopbackNode[], bootstrap: boolean): void {
    const leader = initial[0] ?? this;
    const config = {
      version: 1,
      cluster: "test",
      node_id: this.id,
      bootstrap,
      leader_url: leader.url("chainfire"),
      raft_addr: this.raftAddr,
      flaredb: { leader_url: leader.url("flaredb"), raft_addr: this.flareDBRaftAddr },
      initial_members: initial.map((node) => ({
        id: node.id,
        raft_addr: node.raftAddr,
        api_url: node.url("chainfire"),
        flaredb_raft_addr: node.flareDBRaftAddr,
        flaredb_api_url: node.url("flaredb"),
        iam_url: node.url("iam"),
      })),
    };
    writeFileSync(this.config, JSON.stringify(config));
  }

  start(...services: Service[]): void {
    for (const service of services) {
      const log = createWriteStream(this.logOf(service), { flags: "a" });
      const child = spawn(this.program, [...this.arguments(service), "--bind", this.address], {
        stdio: ["ignore", "pipe", "pipe"],
        env: { ...process.env, FLINT_RAFT_HEARTBEAT_MS: "100", FLINT_RAFT_ELECTION_MS: "1000" },
      });
      child.stdout?.pipe(log, { end: false });
      child.stderr?.pipe(log, { end: false });
      child.on("close", () => log.end());
      this.processes.set(service, child);
    }
  }

  private arguments(service: Service): string[] {
    const common = ["--config", this.config, "--tls-dir", this.tls];
    const port = ports[service];
    if (service === "iam") return ["iam", ...common, "--port", `${port}`, "--flaredb-port", `${ports.flaredb}`];
    if (service === "plasmavmc") return ["plasmavmc", ...common, "--port", `${port}`, "--iam-port", `${ports.iam}`];
    const numbers = ["--api-port", `${port}`, "--raft-port", `${port + 1}`];
    return ["raft", "--service", service, ...common, ...numbers, "--state-dir", this.stateOf(service)];
  }

  /** Ends services (default: all) and waits until they are gone. */
  async stop(signal: NodeJS.Signals = "SIGTERM", ...services: Service[]): Promise<void> {
    const which = services.length > 0 ? services : [...this.processes.keys()];
    await Promise.all(
      which.map(async (service) => {
        const child = this.processes.get(service);
        this.processes.delete(service);
        if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
        const ended = new Promise((resolve) => child.once("exit", resolve));
        child.kill(signal);
        await ended;
      }),
    );
  }

  wipe(service: Service): void {
    rmSync(this.stateOf(service), { recursive: true, force: true });
  }

  logOf(service: Service): string {
    return join(this.directory, `${service}.log`);
  }

  log(service: Service): string {
    return existsSync(this.logOf(service)) ? readFileSync(this.logOf(service), "utf8") : "";
  }

  /** Calls a service of this node with this node's certificate. */
  call(service: Service, method: string, path: string, body?: unknown): Promise<Answer> {
    const text = typeof body === "string" || body === undefined ? body : JSON.stringify(body);
    return call(this.tls, method, this.url(service) + path, text);
  }

  /** The path of a first-boot script's marker. */
  marker(name: string): string {
    return join(this.directory, "markers", name);
  }

  /** Runs a first-boot script as this node's unit would. */
  script(path: string, args: string[], env: Record<string, string> = {}): Promise<ScriptResult> {
    const child = spawn(path, args, {
      stdio: ["ignore", "pipe", "pipe"],
      env: {
        ...process.env,
        FLINT_CLUSTER_CONFIG: this.config,
        FLINT_TLS_DIR: this.tls,
        FLINT_STATE_DIR: join(this.directory, "markers"),
        FLINT_LOCAL_ADDRESS: this.address,
        FLINT_CHAINFIRE_PORT: `${ports.chainfire}`,
        FLINT_FLAREDB_PORT: `${ports.flaredb}`,
        FLINT_IAM_PORT: `${ports.iam}`,
        FLINT_PLASMAVMC_PORT: `${ports.plasmavmc}`,
        FLINT_DEADLINE: "25",
        FLINT_INTERVAL: "0.2",
        ...env,
      },
    });
    let said = "";
    const hear = (chunk: Buffer) => {
      said += chunk.toString();
    };
    child.stdout.on("data", hear);
    child.stderr.on("data", hear);
    return new Promise((resolve, reject) => {
      child.on("error", reject);
      child.on("close", (code) => resolve({ code, said }));
    });
  }
}
