import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { connect, createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import type * as Grpc from "@grpc/grpc-js";
import { EngineService } from "@pulumi/pulumi/proto/engine_grpc_pb";
import type { LogRequest } from "@pulumi/pulumi/proto/engine_pb";
import { ResourceProviderClient } from "@pulumi/pulumi/proto/provider_grpc_pb";
import * as rpc from "@pulumi/pulumi/proto/provider_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { Struct } from "google-protobuf/google/protobuf/struct_pb";
import type { Properties } from "../../../providers/runtime/lifecycle.js";
import { shellText } from "../../../providers/shell.js";

const sdk = createRequire(require.resolve("@pulumi/pulumi/package.json"));
const grpc = sdk("@grpc/grpc-js") as typeof Grpc;
const root = resolve(__dirname, "../../../..");

export interface Said {
  urn: string;
  text: string;
  ephemeral: boolean;
}

/** A project directory in which `pulumi-flint/lifecycle/probe` is the test's probe, loaded from the built output. */
export function probeProject(): string {
  const dir = mkdtempSync(join(tmpdir(), "flint-probe-"));
  const library = join(dir, "node_modules/pulumi-flint");
  mkdirSync(join(library, "lifecycle"), { recursive: true });
  writeFileSync(
    join(library, "package.json"),
    JSON.stringify({ name: "pulumi-flint", version: "0.0.0", exports: { "./lifecycle/*": "./lifecycle/*.js" } }),
  );
  writeFileSync(
    join(library, "lifecycle/probe.js"),
    `exports.lifecycle = require(${JSON.stringify(join(root, "dist/test/providers/runtime/probe.js"))}).lifecycle;\n`,
  );
  return dir;
}

/** The SDK's own dynamic-provider process with an engine that only listens. */
export class ProviderHost {
  readonly said: Said[] = [];
  stderr = "";

  private constructor(
    private readonly engine: Grpc.Server,
    private readonly dir: string,
    readonly process: ChildProcess,
    private client: ResourceProviderClient,
    /** From the engine to the process … */
    private wire: Wire,
    /** … and from the process to the engine. */
    private readonly back: Wire,
  ) {}

  static async start(): Promise<ProviderHost> {
    const engine = new grpc.Server();
    let log = (_said: Said) => {};
    engine.addService(EngineService as unknown as Grpc.ServiceDefinition, {
      log(call: { request: LogRequest }, done: Grpc.sendUnaryData<Empty>) {
        const request = call.request;
        log({ urn: request.getUrn(), text: request.getMessage(), ephemeral: request.getEphemeral() });
        done(null, new Empty());
      },
    });
    const enginePort = await new Promise<number>((ok, no) =>
      engine.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, port) =>
        error ? no(error) : ok(port),
      ),
    );
    const dir = probeProject();
    const back = await Wire.to(enginePort);
    const script = require.resolve("@pulumi/pulumi/cmd/dynamic-provider");
    const child = spawn(process.execPath, [script, `127.0.0.1:${back.port}`], {
      cwd: dir,
      stdio: ["ignore", "pipe", "pipe"],
    });
    const port = await new Promise<string>((ok, no) => {
      createInterface({ input: child.stdout }).once("line", ok);
      child.once("exit", (code) => no(new Error(`provider host ended with ${code}`)));
    });
    const wire = await Wire.to(Number(port));
    const host = new ProviderHost(engine, dir, child, clientOf(wire), wire, back);
    child.stderr.on("data", (data: Buffer) => {
      host.stderr += data.toString();
    });
    log = (said) => host.said.push(said);
    await host.configure();
    return host;
  }

  /** As the engine does before anything else. */
  private async configure(): Promise<void> {
    const request = new rpc.ConfigureRequest();
    request.setArgs(Struct.fromJavaScript({}));
    await this.call<rpc.ConfigureResponse>((done) => this.client.configure(request, done));
  }

  async check(news: Properties): Promise<rpc.CheckResponse.AsObject> {
    const request = new rpc.CheckRequest();
    request.setOlds(Struct.fromJavaScript({}));
    request.setNews(struct(news));
    return (await this.call<rpc.CheckResponse>((done) => this.client.check(request, done))).toObject();
  }

  async create(inputs: Properties): Promise<{ id: string; outs: Properties }> {
    const request = new rpc.CreateRequest();
    request.setProperties(struct(inputs));
    const response = await this.call<rpc.CreateResponse>((done) => this.client.create(request, done));
    return { id: response.getId(), outs: plain(response.getProperties()) };
  }

  async update(id: string, olds: Properties, news: Properties): Promise<Properties> {
    const request = new rpc.UpdateRequest();
    request.setId(id);
    request.setOlds(struct(olds));
    request.setNews(struct(news));
    return plain((await this.call<rpc.UpdateResponse>((done) => this.client.update(request, done))).getProperties());
  }

  async cancel(): Promise<void> {
    await this.call<Empty>((done) => this.client.cancel(new Empty(), done));
  }

  /** How often the process has turned to its engine by itself. */
  get turnedBack(): number {
    return this.back.connections;
  }

  /** Closes the engine's connection without a word, as a killed engine does, and as gRPC does with one that nobody uses. */
  disconnect(): void {
    this.wire.cut();
  }

  /** A new connection, as gRPC opens one for the next call. */
  async reconnect(): Promise<void> {
    this.client.close();
    this.wire = await Wire.to(this.wire.target);
    this.client = clientOf(this.wire);
  }

  /** The engine is killed. */
  killEngine(): void {
    this.back.cut();
    this.wire.cut();
  }

  async stop(): Promise<void> {
    this.killEngine();
    this.client.close();
    this.engine.forceShutdown();
    this.process.kill("SIGKILL");
    rmSync(this.dir, { recursive: true, force: true });
  }

  private call<T>(start: (done: (error: Grpc.ServiceError | null, response: T) => void) => void): Promise<T> {
    return new Promise((ok, no) => start((error, response) => (error ? no(error) : ok(response))));
  }
}

const clientOf = (wire: Wire) =>
  new ResourceProviderClient(`127.0.0.1:${wire.port}`, grpc.credentials.createInsecure());

/** What a failed operation left for the state, or undefined when nothing is to be stored. */
export function keptOf(error: unknown): { id: string; properties: Properties; reasons: string[] } | undefined {
  const bin = (error as Grpc.ServiceError).metadata?.get("grpc-status-details-bin")[0];
  if (!Buffer.isBuffer(bin)) return undefined;
  const { Status } = sdk("@pulumi/pulumi/proto/status_pb") as typeof import("@pulumi/pulumi/proto/status_pb");
  const detail = Status.deserializeBinary(bin).getDetailsList()[0];
  const failed = rpc.ErrorResourceInitFailed.deserializeBinary(detail?.getValue_asU8() ?? new Uint8Array());
  return { id: failed.getId(), properties: plain(failed.getProperties()), reasons: failed.getReasonsList() };
}

function struct(values: Properties): Struct {
  return Struct.fromJavaScript({ ...values, __provider: shellText("probe") } as never);
}

function plain(values: Struct | undefined): Properties {
  const { __provider: _, ...rest } = (values?.toJavaScript() ?? {}) as Properties;
  return rest;
}

/** A TCP connection that can be cut: closing a gRPC client waits for its calls, a killed engine does not. */
class Wire {
  /** How many were made. */
  connections = 0;
  private readonly sockets = new Set<Socket>();
  private constructor(
    private readonly server: Server,
    readonly port: number,
    readonly target: number,
  ) {}

  static async to(target: number): Promise<Wire> {
    const server = createServer();
    await new Promise<void>((ok) => server.listen(0, "127.0.0.1", ok));
    const address = server.address();
    const wire = new Wire(server, typeof address === "object" && address !== null ? address.port : 0, target);
    server.on("connection", (near) => {
      wire.connections += 1;
      const far = connect(target, "127.0.0.1");
      for (const socket of [near, far]) {
        wire.sockets.add(socket);
        socket.on("error", () => {});
      }
      near.pipe(far).pipe(near);
    });
    return wire;
  }

  cut(): void {
    this.server.close();
    for (const socket of this.sockets) socket.destroy();
  }
}
