import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { z } from "zod";
import { Bmc } from "../../../../lab/redfish/bmc.js";
import { BootOverride } from "../../../../lab/redfish/boot-override.js";
import { serveBmc } from "../../../../lab/redfish/server.js";
import { Clock } from "../../../../lab/simulated/clock.js";
import { Ledger } from "../../../../lab/simulated/ledger.js";
import { Disk } from "../../../../lab/simulated/machine/disk.js";
import { Machine } from "../../../../lab/simulated/machine/machine.js";
import { Moments } from "../../../../lab/simulated/moments.js";
import { RACK_FILES } from "../../../../lab/simulated/rack.js";
import { RackServices } from "../../../../lab/simulated/rack-services.js";
import { Random } from "../../../../lab/simulated/random.js";
import { Store } from "../../../../lab/simulated/store.js";
import { nixTool } from "../../../../lab/simulated/tools/nix.js";
import { nixosAnywhere } from "../../../../lab/simulated/tools/nixos-anywhere.js";
import { serveTools } from "../../../../lab/simulated/tools/server.js";
import { RealServers } from "./real-servers.js";

const SPEED = 40;
const addresses = z.object({ provisioning: z.string(), cluster: z.string() });

/** A rack of simulated machines beside a real provisioning host. */
export const joinedSchema = z.object({
  name: z.string(),
  host: z.string(),
  broadcast: z.string(),
  machines: z.array(
    z.object({
      ...{ name: z.string(), mac: z.string(), clusterMac: z.string(), addresses, bmc: z.string() },
      ...{ serial: z.string(), diskSerial: z.string(), uuid: z.string(), firmware: z.literal("uefi") },
    }),
  ),
});
export type Joined = z.infer<typeof joinedSchema>;

/** What is answered to a line `status`. */
export const joinedStatusSchema = z.object({
  violations: z.array(z.string()),
  /** By machine: power, and what runs. */
  machines: z.record(z.string(), z.string()),
  installs: z.record(z.string(), z.number()),
});

/** `node machines.js DIRECTORY`: plays the machines of DIRECTORY/joined.json until its input ends. */
async function main(directory: string): Promise<void> {
  const read = (name: string) => readFileSync(join(directory, name), "utf8");
  const racks = z.array(joinedSchema).parse(JSON.parse(read("joined.json")));
  const clock = new Clock(SPEED);
  const ledger = new Ledger(clock, join(directory, RACK_FILES.events));
  const store = new Store();
  const services: RackServices[] = [];
  const machines: Machine[] = [];
  for (const rack of racks) {
    const random = new Random(rack.name);
    const own = new RackServices(clock, random, ledger);
    services.push(own);
    const around = {
      ...{ clock, random, ledger, store, moments: new Moments() },
      host: new RealServers(rack.host, rack.broadcast),
      servicesOf: (machine: Machine) => own.of(machine),
      thatCountOn: (data: Disk["data"]) => own.thatCountOn(data),
    };
    for (const description of rack.machines) {
      const override = new BootOverride({ enabled: "Disabled", target: "None", mode: "UEFI" });
      const disk = new Disk({ path: "/dev/vda", serial: description.diskSerial, size: 100e9, foreign: undefined });
      const machine = new Machine(description, disk, override, around);
      machines.push(machine);
      const credentials = { username: "admin", password: read(RACK_FILES.bmcPassword).trim() };
      const bmc = new Bmc(machine.name, machine, override, credentials);
      const [key, cert] = [read(RACK_FILES.bmcKey), read(RACK_FILES.bmcCertificate)];
      await serveBmc(bmc, { host: description.bmc, key, cert });
    }
  }
  const machineAt = (address: string) => machines.find(({ running }) => running?.address === address);
  const nix = nixTool({ clock, store, directory: join(directory, RACK_FILES.store), machineAt, faults: {} });
  const server = await serveTools({ nix, "nixos-anywhere": nixosAnywhere({ store, machineAt }) });
  console.log(JSON.stringify(server.address()));
  createInterface(process.stdin)
    .on("line", () => {
      const status: z.input<typeof joinedStatusSchema> = {
        violations: [...ledger.violations, ...services.flatMap(({ violations }) => violations)],
        machines: Object.fromEntries(
          machines.map((each) => [each.name, `${each.power()}, ${each.running?.kind ?? "nothing"}`]),
        ),
        installs: Object.fromEntries(machines.map(({ name }) => [name, Object.keys(ledger.of(name).installs).length])),
      };
      console.log(JSON.stringify(status));
    })
    .on("close", () => process.exit());
}

const [directory] = process.argv.slice(2);
if (require.main === module && directory !== undefined) void main(directory);
