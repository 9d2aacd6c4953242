import type { Clock } from "./clock.js";
import type { Ledger } from "./ledger.js";
import { serviceFaultsOf } from "./machine/faults.js";
import type { Machine } from "./machine/machine.js";
import type { MachineServices } from "./machine/services.js";
import type { Random } from "./random.js";
import { newServiceGroups } from "./services/groups.js";
import { NodeServices } from "./services/node-services.js";
import type { ServiceData } from "./services/service-data.js";

const WORKER = "worker";

/** Chainfire, FlareDB, IAM and PlasmaVMC of a rack: one cluster of each for all machines. */
export class RackServices {
  private readonly groups;

  constructor(
    private readonly clock: Clock,
    private readonly random: Random,
    private readonly ledger: Ledger,
  ) {
    const onEvent = (event: { event: string }) => ledger.add({ machine: "cluster", ...event });
    this.groups = newServiceGroups({ clock, random: random.fork("services"), onEvent });
  }

  /** What raft must never do, and did. */
  get violations(): string[] {
    return [...this.groups.chainfire.violations, ...this.groups.flaredb.violations];
  }

  /** The raft services that count on what a disk has of them. */
  thatCountOn({ chainfire, flaredb }: ServiceData): string[] {
    const { groups } = this;
    return [
      ...(groups.chainfire.countsOn(chainfire) ? ["chainfire"] : []),
      ...(groups.flaredb.countsOn(flaredb) ? ["flaredb"] : []),
    ];
  }

  /** The services of a machine whose system has started. */
  of(machine: Machine): MachineServices {
    const disk = machine.bootDisk;
    const system = machine.around.store.systems.get(disk?.system ?? "");
    if (disk === undefined || system === undefined) throw new Error(`${machine.name} has no system`);
    const { provisioning, cluster } = system.data.networks;
    const services = new NodeServices({
      clock: this.clock,
      random: this.random.fork(`services of ${machine.name}`),
      groups: this.groups,
      addresses: [provisioning.address, cluster.address],
      readFile: (path) => disk.files.read(path),
      data: disk.data,
      voter: system.data.profile !== WORKER,
      onEvent: (event) => this.ledger.add({ machine: machine.name, ...event }),
    });
    void services.upset(serviceFaultsOf(machine.faults));
    return services;
  }
}
