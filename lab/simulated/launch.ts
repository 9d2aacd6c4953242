import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { execa } from "execa";
import { z } from "zod";
import type { ClusterArgs } from "../../components/cluster/args.js";
import { makeKeyPair } from "../../drivers/ssh/key-pair.js";
import { NETWORK } from "./addresses.js";
import { declareCluster } from "./declare-cluster.js";
import { RACK_FILES } from "./rack.js";
import { type FaultOrder, type Simulation, type Status, simulationSchema, statusSchema } from "./schema.js";

const CONTROL = "control.sock";
/** In the source tree; this file runs from dist. */
const PROGRAMS = resolve(__dirname, "../../../lab/simulated/bin");

/** A simulated rack that runs: a process in a network namespace of its own. Needs root, as namespaces do. */
export class LaunchedRack {
  private constructor(
    readonly simulation: Simulation,
    readonly directory: string,
    private readonly namespace: string,
    private readonly process: ChildProcess,
    private readonly toolsPort: number,
  ) {}

  /** Makes the namespace and starts the process. @throws Error with the process' last words when it does not come up. */
  static async start(wanted: z.input<typeof simulationSchema>): Promise<LaunchedRack> {
    const simulation = simulationSchema.parse(wanted);
    const directory = mkdtempSync(join(tmpdir(), "flint-simulated-"));
    const namespace = directory.split("/").at(-1) ?? "flint-simulated";
    await writeFiles(directory, simulation);
    await execa("ip", ["netns", "add", namespace]);
    await execa("ip", ["-n", namespace, "link", "set", "lo", "up"]);
    await execa("ip", ["-n", namespace, "route", "add", "local", NETWORK, "dev", "lo"]);
    const argv = [`--net=/run/netns/${namespace}`, "--", process.execPath, join(__dirname, "main.js"), directory];
    const child = spawn("nsenter", argv, { stdio: ["pipe", "pipe", "inherit"], detached: true });
    const toolsPort = await new Promise<number>((ok, no) => {
      createInterface(child.stdout).once("line", (line) =>
        ok(z.object({ toolsPort: z.number() }).parse(JSON.parse(line)).toolsPort),
      );
      child.once("exit", (code) => no(new Error(`the simulated rack ended with ${code}`)));
    });
    return new LaunchedRack(simulation, directory, namespace, child, toolsPort);
  }

  /** The cluster of these machines, as a program declares it. */
  cluster(change: (args: ClusterArgs) => void = () => {}): ClusterArgs {
    const args = declareCluster(this.simulation, this.directory);
    change(args);
    return args;
  }

  /** argv that runs a command in the rack's network. */
  inside(command: readonly string[]): [string, string[]] {
    return ["nsenter", [`--net=/run/netns/${this.namespace}`, "--", ...command]];
  }

  /** What commands need in their environment to find the rack's nix and nixos-anywhere. */
  environment(): Record<string, string> {
    return { PATH: `${PROGRAMS}:${process.env.PATH ?? ""}`, FLINT_SIMULATED_TOOLS: String(this.toolsPort) };
  }

  status(): Promise<Status> {
    return this.ask("/status");
  }

  inject(faults: FaultOrder): Promise<Status> {
    return this.ask("/faults", JSON.stringify(faults));
  }

  /** Time stands still in the rack: nobody gets an answer, and no machine goes on. */
  freeze(): void {
    this.signal("SIGSTOP");
  }

  /** Time goes on. */
  thaw(): void {
    this.signal("SIGCONT");
  }

  /** Ends the process and removes namespace and files. */
  async stop(): Promise<void> {
    const ended = new Promise((resolve) => this.process.once("exit", resolve));
    if (this.signal("SIGKILL")) await ended;
    await execa("ip", ["netns", "delete", this.namespace], { reject: false });
    rmSync(this.directory, { recursive: true, force: true });
  }

  /** False: there is no process any more. */
  private signal(signal: NodeJS.Signals): boolean {
    const { pid, exitCode } = this.process;
    if (exitCode !== null || pid === undefined) return false;
    return process.kill(-pid, signal);
  }

  private ask(path: string, body?: string): Promise<Status> {
    return new Promise((ok, no) => {
      const call = request(
        { socketPath: join(this.directory, CONTROL), path, method: body === undefined ? "GET" : "POST" },
        (response) => {
          let text = "";
          response.setEncoding("utf8").on("data", (part: string) => {
            text += part;
          });
          response.on("end", () =>
            response.statusCode === 200 ? ok(statusSchema.parse(JSON.parse(text))) : no(new Error(text)),
          );
        },
      );
      call.on("error", no);
      call.end(body);
    });
  }
}

/** Keys, the BMCs' certificate and password, the flake, and what is to be simulated. */
async function writeFiles(directory: string, simulation: Simulation): Promise<void> {
  const write = (name: string, content: string) => writeFileSync(join(directory, name), content, { mode: 0o600 });
  for (const name of [RACK_FILES.hostKey, RACK_FILES.operatorKey]) {
    const { privateKey, publicKey } = makeKeyPair(name);
    write(name, privateKey);
    write(`${name}.pub`, `${publicKey}\n`);
  }
  write(RACK_FILES.bmcPassword, "correct horse battery\n");
  write("simulation.json", JSON.stringify(simulation));
  await execa("mkdir", ["-p", join(directory, "flake"), join(directory, RACK_FILES.store)]);
  write("flake/flake.nix", '{ description = "systems of a simulated rack"; }\n');
  await execa("openssl", [
    ...["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "30"],
    ...["-subj", "/CN=BMCs of a simulated rack"],
    ...["-keyout", join(directory, RACK_FILES.bmcKey), "-out", join(directory, RACK_FILES.bmcCertificate)],
  ]);
}
