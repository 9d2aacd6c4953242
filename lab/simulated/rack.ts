import { readFileSync } from "node:fs";
import type { Server } from "node:https";
import { join } from "node:path";
import { rootOf } from "../../providers/pxe-server/schema.js";
import { Bmc } from "../redfish/bmc.js";
import { BootOverride } from "../redfish/boot-override.js";
import { serveBmc } from "../redfish/server.js";
import { describeMachine, HOST, INTERFACE } from "./addresses.js";
import { Clock } from "./clock.js";
import { FaultOrders } from "./fault-orders.js";
import type { Files } from "./files.js";
import { ProvisioningHost } from "./host/host.js";
import { registeredFiles } from "./host/registered.js";
import { RunningHost } from "./host/running-host.js";
import { Ledger } from "./ledger.js";
import { Disk } from "./machine/disk.js";
import { Machine } from "./machine/machine.js";
import { Moments } from "./moments.js";
import { Peak } from "./peak.js";
import { RackServices } from "./rack-services.js";
import { Random } from "./random.js";
import type { FaultOrder, Simulation, Status, StoredFile } from "./schema.js";
import { faultOrderSchema } from "./schema.js";
import { Store } from "./store.js";
import type { Surroundings } from "./surroundings.js";
import type { NixFaults } from "./tools/faults.js";
import { nixTool } from "./tools/nix.js";
import { nixosAnywhere } from "./tools/nixos-anywhere.js";
import { serveTools } from "./tools/server.js";

const DISK_BYTES = 100_000_000_000;

/** How names of racks begin: of the directory and of the namespace. */
export const RACK_NAME = "flint-simulated-";

/** Files that the launcher made before, by their names in the rack's directory. */
export const RACK_FILES = {
  hostKey: "host_ed25519",
  operatorKey: "operator_ed25519",
  bmcKey: "bmc.key",
  bmcCertificate: "bmc.crt",
  bmcPassword: "bmc-password",
  events: "events.jsonl",
  commands: "commands.jsonl",
  store: "store",
} as const;

/** A rack whose machines, BMCs, provisioning host and services are all played by this process. */
export class SimulatedRack {
  private readonly machines = new Map<string, Machine>();
  private readonly bmcs = new Map<string, Bmc>();
  private readonly nixFaults: NixFaults = {};
  private readonly installs = new Peak();
  private readonly bmcRequests = new Map<string, Peak>();
  private readonly services: RackServices;
  private readonly around: Surroundings;
  private readonly orders: FaultOrders;
  private readonly provisioning: ProvisioningHost;
  private host: RunningHost | undefined;

  constructor(
    private readonly simulation: Simulation,
    private readonly directory: string,
  ) {
    const clock = new Clock(simulation.speed);
    const random = new Random(simulation.seed);
    const ledger = new Ledger(clock, join(directory, RACK_FILES.events), join(directory, RACK_FILES.commands));
    const description = { name: "pxe1", address: HOST, network: `${HOST}/16`, interface: INTERFACE };
    const host = new ProvisioningHost(description, ledger);
    this.provisioning = host;
    this.services = new RackServices(clock, random, ledger);
    this.around = {
      clock,
      random,
      ledger,
      store: new Store(),
      host,
      moments: new Moments(),
      servicesOf: (machine) => this.services.of(machine),
      thatCountOn: (data) => this.services.thatCountOn(data),
    };
    for (let n = 1; n <= simulation.machines; n++) this.addMachine(n);
    this.orders = new FaultOrders({
      seed: simulation.seed,
      clock,
      host,
      machines: this.machines,
      bmcs: this.bmcs,
      nix: this.nixFaults,
      moments: this.around.moments,
      upsetHost: (faults) => void this.host?.upset(faults),
    });
    host.files.onRemoved = (path) => {
      const [, name = ""] = /\/nodes\/([^/]+)\/record\.json$/.exec(path) ?? [];
      const machine = this.machines.get(name);
      for (const disk of [machine?.own, machine?.dataDisk]) if (disk !== undefined) disk.letGo = true;
    };
    host.wake = (mac) => {
      const woken = [...this.machines.values()].find(({ description }) => description.mac === mac);
      void woken?.powerOn("magic packet");
    };
  }

  /** Begins to listen everywhere. @returns the port of the programs in lab/simulated/bin. */
  async start(): Promise<number> {
    const { clock, store, ledger } = this.around;
    const host = await RunningHost.start({
      host: this.provisioning,
      clock,
      cluster: this.simulation.cluster,
      hostKey: this.read("hostKey"),
      authorizedKeys: () => [this.read("operatorKey", ".pub")],
    });
    this.host = host;
    this.orders.draw(this.simulation.chances);
    await Promise.all([...this.machines.values()].map((machine) => this.serveBmcOf(machine)));
    const machineAt = (address: string) =>
      [...this.machines.values()].find(({ running }) => running?.address === address);
    const tools = {
      nix: nixTool({
        clock,
        store,
        directory: join(this.directory, RACK_FILES.store),
        machineAt,
        faults: this.nixFaults,
        onBuilt: (what) => ledger.add({ event: "built", machine: "operator", what }),
      }),
      "nixos-anywhere": this.installs.counting(nixosAnywhere({ store, machineAt })),
    };
    const server = await serveTools(tools, ({ tool, argv }) => ledger.started("operator", [tool, ...argv].join(" ")));
    const address = server.address();
    if (address === null || typeof address === "string") throw new Error("the programs' server has no port");
    return address.port;
  }

  /** Sets faults: those that are named replace what the same machine had. */
  inject(order: FaultOrder): void {
    this.orders.take(faultOrderSchema.parse(order));
  }

  status(): Status {
    const { ledger } = this.around;
    const machines = [...this.machines.values()].map((machine) => [
      machine.name,
      {
        power: machine.power(),
        runs: machine.running?.kind ?? null,
        bootId: machine.running?.bootId ?? null,
        toplevel: machine.bootDisk?.system ?? null,
        mark: machine.own.mark ?? null,
        bootOverride: machine.override.shown ?? null,
      },
    ]);
    return {
      violations: [...ledger.violations, ...this.services.violations],
      counts: ledger.all(),
      files: registeredFiles(this.provisioning.files, rootOf(this.simulation.cluster)),
      machines: Object.fromEntries(machines),
      peaks: {
        installs: this.installs.most,
        bmcRequests: Math.max(0, ...[...this.bmcRequests.values()].map(({ most }) => most)),
        hostCommands: this.host?.commands.most ?? 0,
      },
    };
  }

  /** Files on the provisioning host, in installers and on machines' disks. */
  files(): StoredFile[] {
    const of = (where: string, files: Files | undefined) =>
      (files?.all() ?? []).map(({ path, mode, content }) => ({ where, path, mode, text: content.toString("latin1") }));
    const machines = [...this.machines.values()].flatMap(({ name, disks, running }) => [
      ...disks.flatMap((disk) => of(name, disk.files)),
      ...of(`${name}, installer`, running?.files),
    ]);
    return [...of(this.provisioning.name, this.provisioning.files), ...machines];
  }

  private addMachine(n: number): void {
    const description = describeMachine(n);
    const override = new BootOverride({ enabled: "Disabled", target: "None", mode: "UEFI" });
    const foreign = this.simulation.foreign[description.name];
    const disk = new Disk({ path: "/dev/vda", serial: description.diskSerial, size: DISK_BYTES, foreign });
    const data = new Disk({ path: "/dev/vdb", serial: `${description.diskSerial}-DATA`, size: DISK_BYTES });
    const hasData = this.simulation.dataDisks.includes(description.name);
    const machine = new Machine(description, disk, override, this.around, hasData ? data : undefined);
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
