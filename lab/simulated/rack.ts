import { readFileSync } from "node:fs";
import type { Server } from "node:https";
import { join } from "node:path";
import { rootOf } from "../../providers/pxe-server/schema.js";
import { Bmc } from "../redfish/bmc.js";
import { BootOverride } from "../redfish/boot-override.js";
import { serveBmc } from "../redfish/server.js";
import { describeMachine, HOST, INTERFACE } from "./addresses.js";
import { Clock } from "./clock.js";
import { hostCommands } from "./host/commands.js";
import type { HostFaults } from "./host/faults.js";
import { ProvisioningHost } from "./host/host.js";
import { registeredFiles } from "./host/registered.js";
import { Ledger } from "./ledger.js";
import { Disk } from "./machine/disk.js";
import { Machine } from "./machine/machine.js";
import { Peak } from "./peak.js";
import { RackServices } from "./rack-services.js";
import { Random } from "./random.js";
import type { FaultOrder, Simulation, Status } from "./schema.js";
import { faultOrderSchema } from "./schema.js";
import { type RunningSshd, startSshd } from "./ssh/server.js";
import { NOT_FOUND, runCommand, type ShellCall } from "./ssh/shell.js";
import { Store } from "./store.js";
import type { Surroundings } from "./surroundings.js";
import { type NixFaults, nixTool } from "./tools/nix.js";
import { nixosAnywhere } from "./tools/nixos-anywhere.js";
import { serveTools } from "./tools/server.js";

const DISK_BYTES = 100_000_000_000;

/** Files that the launcher made before, by their names in the rack's directory. */
export const RACK_FILES = {
  hostKey: "host_ed25519",
  operatorKey: "operator_ed25519",
  bmcKey: "bmc.key",
  bmcCertificate: "bmc.crt",
  bmcPassword: "bmc-password",
  events: "events.jsonl",
  store: "store",
} as const;

/** A rack whose machines, BMCs, provisioning host and services are all played by this process. */
export class SimulatedRack {
  private readonly machines = new Map<string, Machine>();
  private readonly bmcs = new Map<string, Bmc>();
  private readonly nixFaults: NixFaults = {};
  private readonly installs = new Peak();
  private readonly hostCommands = new Peak();
  private readonly bmcRequests = new Map<string, Peak>();
  private readonly services: RackServices;
  private readonly around: Surroundings;
  private hostSshd: RunningSshd | undefined;

  constructor(
    private readonly simulation: Simulation,
    private readonly directory: string,
  ) {
    const clock = new Clock(simulation.speed);
    const random = new Random(simulation.seed);
    const ledger = new Ledger(clock, join(directory, RACK_FILES.events));
    const description = { name: "pxe1", address: HOST, network: `${HOST}/16`, interface: INTERFACE };
    const host = new ProvisioningHost(description, ledger);
    this.services = new RackServices(clock, random, ledger);
    this.around = {
      clock,
      random,
      ledger,
      store: new Store(),
      host,
      servicesOf: (machine) => this.services.of(machine),
    };
    for (let n = 1; n <= simulation.machines; n++) this.addMachine(n);
  }

  /** Begins to listen everywhere. @returns the port of the programs in lab/simulated/bin. */
  async start(): Promise<number> {
    const { clock, store, ledger } = this.around;
    await this.startHostSshd();
    await Promise.all([...this.machines.values()].map((machine) => this.serveBmcOf(machine)));
    const byAddress = new Map(
      [...this.machines.values()].map((machine) => [machine.description.addresses.provisioning, machine]),
    );
    const machineAt = (address: string) => byAddress.get(address);
    const server = await serveTools({
      nix: nixTool({
        clock,
        store,
        directory: join(this.directory, RACK_FILES.store),
        machineAt,
        faults: this.nixFaults,
        onBuilt: (what) => ledger.add({ event: "built", machine: "operator", what }),
      }),
      "nixos-anywhere": this.installs.counting(nixosAnywhere({ store, machineAt })),
    });
    const address = server.address();
    if (address === null || typeof address === "string") throw new Error("the programs' server has no port");
    return address.port;
  }

  /** Sets faults: those that are named replace what the same machine had. */
  inject(order: FaultOrder): void {
    const { machines, nix, host } = faultOrderSchema.parse(order);
    for (const [name, faults] of Object.entries(machines)) {
      const [machine, bmc] = [this.machines.get(name), this.bmcs.get(name)];
      if (machine === undefined || bmc === undefined) throw new Error(`there is no machine ${name}`);
      if (faults.machine !== undefined) machine.faults = faults.machine;
      if (faults.bmc !== undefined) bmc.faults = faults.bmc;
      machine.tell("faults", faults);
      if (faults.powerCycle) void machine.forceOff("a person").then(() => machine.powerOn("a person"));
    }
    Object.assign(this.nixFaults, nix);
    if (host !== undefined) void this.upset(host);
  }

  /** The provisioning host: what lasts is kept, what happens once happens. */
  private async upset(faults: HostFaults): Promise<void> {
    const { host, clock, ledger } = this.around;
    host.faults = faults;
    ledger.add({ event: "faults", machine: host.name, ...faults });
    if (faults.serversEnd) host.stopUnits();
    const away = faults.restarts ?? faults.sshGone;
    if (away === undefined) return;
    this.hostSshd?.stop();
    if (faults.restarts !== undefined) {
      host.stopUnits();
      host.files.remove("/run");
    }
    await clock.sleep(away);
    if (faults.restarts !== undefined) host.startEnabled();
    await this.startHostSshd();
  }

  private async startHostSshd(): Promise<void> {
    const { host, clock, ledger } = this.around;
    const commands = hostCommands(this.simulation.cluster);
    this.hostSshd = await startSshd({
      address: HOST,
      hostKey: this.read("hostKey"),
      authorizedKeys: () => [this.read("operatorKey", ".pub")],
      run: this.hostCommands.counting(async (call: ShellCall) => {
        await clock.sleep(20, call.signal);
        const answer = await runCommand(commands, host, call);
        if (answer.code === NOT_FOUND) ledger.violate(host.name, (answer.stderr ?? "").trim());
        return answer;
      }),
    });
  }

  status(): Status {
    const { ledger, host } = this.around;
    const machines = [...this.machines.values()].map((machine) => [
      machine.name,
      {
        power: machine.power(),
        runs: machine.running?.kind ?? null,
        bootId: machine.running?.bootId ?? null,
        toplevel: machine.bootDisk?.system ?? null,
        mark: machine.disks[0]?.mark ?? null,
      },
    ]);
    return {
      violations: [...ledger.violations, ...this.services.violations],
      counts: ledger.all(),
      files: registeredFiles(host.files, rootOf(this.simulation.cluster)),
      machines: Object.fromEntries(machines),
      peaks: {
        installs: this.installs.most,
        bmcRequests: Math.max(0, ...[...this.bmcRequests.values()].map(({ most }) => most)),
        hostCommands: this.hostCommands.most,
      },
    };
  }

  private addMachine(n: number): void {
    const description = describeMachine(n);
    const override = new BootOverride({ enabled: "Disabled", target: "None", mode: "UEFI" });
    const foreign = this.simulation.foreign[description.name];
    const disk = new Disk({ path: "/dev/vda", serial: description.diskSerial, size: DISK_BYTES, foreign });
    const machine = new Machine(description, [disk], override, this.around);
    this.machines.set(machine.name, machine);
    const credentials = { username: "admin", password: this.read("bmcPassword").trim() };
    this.bmcs.set(machine.name, new Bmc(machine.name, machine, override, credentials));
  }

  private async serveBmcOf(machine: Machine): Promise<Server> {
    const bmc = this.bmcs.get(machine.name);
    if (bmc === undefined) throw new Error(`${machine.name} has no BMC`);
    const requests = new Peak();
    this.bmcRequests.set(machine.name, requests);
    const server = await serveBmc(bmc, {
      host: machine.description.bmc,
      key: this.read("bmcKey"),
      cert: this.read("bmcCertificate"),
      onRequest: (request) => machine.tell("bmc-request", request),
    });
    return server.on("request", (_request, response) => response.once("close", requests.enter()));
  }

  private read(file: keyof typeof RACK_FILES, suffix = ""): string {
    return readFileSync(join(this.directory, `${RACK_FILES[file]}${suffix}`), "utf8");
  }
}
