import type { Bmc } from "../redfish/bmc.js";
import type { Owner } from "./catalogue/catalogue.js";
import { type DrawnFault, drawFaults } from "./chances/draw.js";
import type { Chances } from "./chances/schema.js";
import type { Clock } from "./clock.js";
import type { HostFaults } from "./host/faults.js";
import type { ProvisioningHost } from "./host/host.js";
import type { Machine } from "./machine/machine.js";
import type { Moments } from "./moments.js";
import { faultOrderSchema, type ReadFaultOrder } from "./schema.js";
import { refuseStrangers } from "./strangers.js";
import type { NixFaults } from "./tools/faults.js";

interface Rack {
  seed: string;
  clock: Clock;
  machines: ReadonlyMap<string, Machine>;
  bmcs: ReadonlyMap<string, Bmc>;
  nix: NixFaults;
  host: ProvisioningHost;
  moments: Moments;
  upsetHost: (faults: HostFaults) => void;
}

type MachineOrder = ReadFaultOrder["machines"][string];

/** Sets what goes wrong in a rack: at once, at a machine's moment, or by probability. */
export class FaultOrders {
  /** How often faults were drawn. */
  private draws = 0;

  constructor(private readonly rack: Rack) {}

  /** @throws Error that names every machine that the rack does not have; nothing of the order was done then. */
  take(order: ReadFaultOrder): void {
    refuseStrangers(order, [...this.rack.machines.keys()]);
    const { machines, nix, host, at, chances } = order;
    for (const [name, each] of Object.entries(machines)) this.takeFor(name, each);
    if (nix !== undefined) this.share("nix", nix, at, () => this.setNix(nix));
    if (host !== undefined) this.share("host", host, at, () => this.rack.upsetHost(host));
    if (chances !== undefined) this.draw(chances);
  }

  /** What all machines share goes wrong now, in place of what was to go wrong with it; or at a machine's moment. */
  private share(owner: Owner, faults: object, at: ReadFaultOrder["at"], act: () => void): void {
    const { moments } = this.rack;
    if (at !== undefined) {
      const begin = () => {
        this.find(at.machine).machine.tell("faults", { at: at.moment, [owner]: faults });
        act();
      };
      moments.once({ ...at, owner, act: begin });
      return;
    }
    moments.forget(owner);
    act();
  }

  /** Draws anew: what was drawn before and has not come yet is forgotten. */
  draw(chances: Chances): void {
    const { seed, machines, moments } = this.rack;
    const draw = ++this.draws;
    for (const drawn of drawFaults(chances, seed, [...machines.keys()])) {
      const begin = () => {
        if (draw === this.draws) this.begin(drawn, chances.repairedAfter);
      };
      if (drawn.moment === "now") begin();
      else moments.once({ machine: drawn.machine, moment: drawn.moment, owner: drawn.owner, act: begin });
    }
  }

  private takeFor(name: string, { at, machine: own, bmc: itsBmc, powerCycle, released }: MachineOrder): void {
    const { machine, bmc } = this.find(name);
    const { moments } = this.rack;
    if (at !== undefined) {
      const wait = (owner: Owner, act: () => void) => moments.once({ machine: name, moment: at, owner, act });
      if (own !== undefined)
        wait("machine", () => {
          machine.tell("faults", { at, faults: own });
          this.set(machine, { ...machine.faults, ...own });
        });
      if (itsBmc !== undefined)
        wait("bmc", () => {
          machine.tell("faults", { at, bmc: itsBmc });
          bmc.faults = { ...bmc.faults, ...itsBmc };
        });
      return;
    }
    if (own !== undefined) {
      moments.forget("machine", name);
      this.set(machine, own);
    }
    if (itsBmc !== undefined) {
      moments.forget("bmc", name);
      bmc.faults = itsBmc;
    }
    machine.tell("faults", { faults: own, bmc: itsBmc, powerCycle, released });
    if (released) machine.own.release();
    if (powerCycle) void machine.forceOff("a person").then(() => machine.powerOn("a person"));
  }

  private begin({ owner, machine: name, moment, fault, value }: DrawnFault, repairedAfter: number | undefined): void {
    const { machine } = this.find(name);
    machine.tell("drawn", { owner, moment, fault, value });
    this.change(owner, name, (faults) => ({ ...faults, [fault]: value }));
    if (repairedAfter === undefined) return;
    const repair = () =>
      this.change(owner, name, (faults) =>
        Object.fromEntries(Object.entries(faults).filter(([each]) => each !== fault)),
      );
    void this.rack.clock.sleep(repairedAfter).then(repair);
  }

  private change(owner: DrawnFault["owner"], name: string, change: (faults: object) => object): void {
    const { machine, bmc } = this.find(name);
    const { nix, host } = this.rack;
    const order = (faults: object) => faultOrderSchema.parse(faults);
    if (owner === "machine") {
      const changed = order({ machines: { [name]: { machine: change(machine.faults) } } }).machines[name]?.machine;
      this.set(machine, changed ?? {});
    } else if (owner === "bmc") {
      bmc.faults = order({ machines: { [name]: { bmc: change(bmc.faults) } } }).machines[name]?.bmc ?? {};
    } else if (owner === "nix") {
      this.setNix(order({ nix: change(nix) }).nix ?? {});
    } else this.rack.upsetHost(order({ host: change(host.faults) }).host ?? {});
  }

  /** Replaces them where they are: the programs have this object. */
  private setNix(faults: NixFaults): void {
    const { nix } = this.rack;
    for (const each of ["buildFails", "diskFull", "hangs"] as const) delete nix[each];
    Object.assign(nix, faults);
  }

  private set(machine: Machine, faults: Machine["faults"]): void {
    machine.faults = faults;
    this.placeDisks();
  }

  /** Who has whose disk. */
  private placeDisks(): void {
    const all = [...this.rack.machines.values()];
    for (const each of all) each.inserted = undefined;
    for (const [at, each] of all.entries()) {
      const { diskSwappedWith } = each.faults;
      const other = all.find(({ name }) => name === diskSwappedWith) ?? all[(at + 1) % all.length];
      if (diskSwappedWith === undefined || other === undefined) continue;
      each.inserted = other.own;
      other.inserted = each.own;
    }
  }

  private find(name: string): { machine: Machine; bmc: Bmc } {
    const [machine, bmc] = [this.rack.machines.get(name), this.rack.bmcs.get(name)];
    if (machine === undefined || bmc === undefined) throw new Error(`there is no machine ${name}`);
    return { machine, bmc };
  }
}
