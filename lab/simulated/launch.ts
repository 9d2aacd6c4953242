import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { basename, join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { z } from "zod";
import type { ClusterArgs } from "../../components/cluster/args.js";
import { makeKeyPair } from "../../drivers/ssh/key-pair.js";
import { FlintError, messageFrom } from "../../foundation/errors.js";
import { NETWORK } from "./addresses.js";
import { CONTROL } from "./control.js";
import { declareCluster } from "./declare-cluster.js";
import { deleteNamespace, endInside } from "./namespace.js";
import { RACK_FILES, RACK_NAME } from "./rack.js";
import { reasonOf } from "./reason.js";
import { here, requireForRack } from "./requirements.js";
import {
  type FaultOrder,
  type RackEvent,
  rackEventSchema,
  type Simulation,
  type SimulationOptions,
  type Status,
  type StoredFile,
  simulationSchema,
  statusSchema,
  storedFileSchema,
} from "./schema.js";

/** Beside dist, from where this file runs; in a checkout as in an installed package. */
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

  /**
   * Makes the namespace and starts the process, which ends with this one, however that ends.
   * @throws Error that names each wrong option; FlintError SIMULATION_IMPOSSIBLE that names what this machine lacks. Both before
   * anything is made.
   */
  static async start(wanted: SimulationOptions): Promise<LaunchedRack> {
    const simulation = readOptions(wanted);
    requireForRack(here());
    const directory = mkdtempSync(join(resolve(tmpdir()), RACK_NAME));
    const namespace = basename(directory);
    try {
      await writeFiles(directory, simulation);
      await makeNamespace(namespace);
      const { child, toolsPort } = await startProcess(namespace, directory);
      return new LaunchedRack(simulation, directory, namespace, child, toolsPort);
    } catch (error) {
      removeRack(namespace, directory);
      throw error;
    }
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

  /** What was counted so far, and what every machine does now. */
  async status(): Promise<Status> {
    return statusSchema.parse(await this.ask("/status"));
  }

  /** Everything that happened so far, in its order. */
  events(): RackEvent[] {
    const lines = readFileSync(join(this.directory, RACK_FILES.events), "utf8").split("\n").slice(0, -1);
    return lines.map((line) => rackEventSchema.parse(JSON.parse(line)));
  }

  /** What is kept on the provisioning host, in installers and on machines' disks. */
  async files(): Promise<StoredFile[]> {
    return z.array(storedFileSchema).parse(await this.ask("/files"));
  }

  /** Sets faults: those that are named replace what the same machine had. @throws Error that names what is not known. */
  async inject(faults: FaultOrder): Promise<Status> {
    return statusSchema.parse(await this.ask("/faults", JSON.stringify(faults)));
  }

  /** Time stands still in the rack: nobody gets an answer, and no machine goes on. */
  freeze(): void {
    this.signal("SIGSTOP");
  }

  /** Time goes on. */
  thaw(): void {
    this.signal("SIGCONT");
  }

  /** Ends the process and what still runs in its network, and removes namespace and files. A second time, it does nothing. */
  async stop(): Promise<void> {
    const ended = new Promise((resolve) => this.process.once("exit", resolve));
    if (this.signal("SIGKILL")) await ended;
    endInside(this.namespace);
    removeRack(this.namespace, this.directory);
  }

  /** False: there is no process any more. */
  private signal(signal: NodeJS.Signals): boolean {
    const { pid, exitCode, signalCode } = this.process;
    if (exitCode !== null || signalCode !== null || pid === undefined) return false;
    return process.kill(-pid, signal);
  }

  private ask(path: string, body?: string): Promise<unknown> {
    return new Promise((ok, no) => {
      const call = request(
        // By the process: the name of a socket has little more than a hundred characters, and TMPDIR may be longer.
        { socketPath: `/proc/${this.process.pid}/cwd/${CONTROL}`, path, method: body === undefined ? "GET" : "POST" },
        (response) => {
          let text = "";
          response.setEncoding("utf8").on("data", (part: string) => {
            text += part;
          });
          response.on("end", () => (response.statusCode === 200 ? ok(JSON.parse(text)) : no(new Error(text))));
        },
      );
      call.on("error", (cause) => {
        const { exitCode, signalCode } = this.process;
        const ended = exitCode ?? signalCode;
        no(
          ended === null
            ? cause
            : new Error(`the simulated rack does not run any more: it ended with ${ended}`, { cause }),
        );
      });
      call.end(body);
    });
  }
}

/** @throws Error that names each option which is not allowed, and why. */
function readOptions(wanted: SimulationOptions): Simulation {
  const { success, data, error } = simulationSchema.safeParse(wanted);
  if (success) return data;
  throw new Error(`a simulated rack cannot be made: ${reasonOf(error)}`, { cause: error });
}

/** A network of its own, where all addresses of the rack are local. @throws FlintError where that is not allowed. */
async function makeNamespace(namespace: string): Promise<void> {
  const { execa } = await import("execa");
  try {
    await execa("ip", ["netns", "add", namespace]);
    await execa("ip", ["-n", namespace, "link", "set", "lo", "up"]);
    await execa("ip", ["-n", namespace, "route", "add", "local", NETWORK, "dev", "lo"]);
  } catch (cause) {
    throw new FlintError("SIMULATION_IMPOSSIBLE", {
      subject: "the simulated rack",
      expected: "to make a network namespace",
      found: messageFrom(cause),
      remedy: "Run it where root may do so: on a machine, in a virtual machine, or in a container that is privileged.",
      cause,
    });
  }
}

/** @throws Error when the process ends before it serves. */
async function startProcess(namespace: string, directory: string): Promise<{ child: ChildProcess; toolsPort: number }> {
  const argv = [`--net=/run/netns/${namespace}`, "--", process.execPath, join(__dirname, "main.js"), directory];
  const child = spawn("nsenter", argv, { cwd: directory, stdio: ["pipe", "pipe", "inherit"], detached: true });
  const toolsPort = await new Promise<number>((ok, no) => {
    createInterface(child.stdout).once("line", (line) =>
      ok(z.object({ toolsPort: z.number() }).parse(JSON.parse(line)).toolsPort),
    );
    child.once("error", no);
    child.once("exit", (code) => no(new Error(`the simulated rack ended with ${code}`)));
  });
  return { child, toolsPort };
}

function removeRack(namespace: string, directory: string): void {
  deleteNamespace(namespace);
  rmSync(directory, { recursive: true, force: true, maxRetries: 5 });
}

/** Keys, the BMCs' certificate and password, the flake, and what is to be simulated. */
async function writeFiles(directory: string, simulation: Simulation): Promise<void> {
  const { execa } = await import("execa");
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
