// limit: 600 s
import assert from "node:assert/strict";
import { BootBench } from "../../../lab/boot/bench.js";
import type { MachineOptions } from "../../../lab/boot/boot-machine.js";
import { type DeclaredNode, declareForInstall, installerReport } from "../../../lab/boot/declared-node.js";
import { type Neighbour, startDhcpd, startDnsmasq, startKea } from "../../../lab/boot/dhcp-neighbour.js";
import type { ExternalDhcp } from "../../../providers/pxe-server/render/external-dhcp/boot-options.js";
import { externalDhcpOptions } from "../../../providers/pxe-server/render/external-dhcp/options.js";
import { skipUnlessRoot } from "./skip-unless-root.js";

const NODE: DeclaredNode = { name: "node01", mac: "52:54:00:0e:00:01", address: "10.0.100.50" };
const DHCP: ExternalDhcp = {
  cluster: "bench",
  cidr: "10.0.100.0/24",
  address: "10.0.100.1",
  httpUrl: "http://10.0.100.1",
  machines: [NODE],
};
const OPTIONS = externalDhcpOptions(DHCP);
const SUBNET = "subnet 10.0.100.0 netmask 255.255.255.0 { }\n";

describe("another DHCP server with the options that we tell boots a declared machine", function () {
  this.timeout(700_000);
  skipUnlessRoot();
  let bench: BootBench;

  before(async () => {
    bench = await BootBench.create();
  });
  after(() => bench?.close());

  const boots = async (
    name: string,
    machine: Omit<MachineOptions, "accelerator" | "cards">,
    startOn: (host: string) => Promise<Neighbour>,
  ) => {
    await bench.wire.addSwitch(name);
    await bench.wire.addHost(`${name}-dhcp`, { interface: "lan", to: name, address: "10.0.100.254/24" });
    await bench.wire.addHost(`${name}-host`, { interface: "eth1", to: name, address: "10.0.100.1/24" });
    bench.add(await startOn(`${name}-dhcp`));
    const server = await bench.serve(`${name}-host`, { dhcp: { mode: "external" } });
    declareForInstall(server, NODE);
    const booted = await bench.powerOn({ ...machine, cards: [{ mac: NODE.mac, to: name }] });
    const platform = await booted.until("the installer's report", () => installerReport(server, NODE));
    assert.equal(platform, machine.firmware === "uefi" ? "efi" : "pcbios");
    assert.doesNotMatch(server.dhcpLog(), /DHCP[A-Z]+\(/, "ours answers no DHCP");
    await booted.powerOff();
  };

  it("ISC dhcpd, UEFI by TFTP", () =>
    boots("isc", { firmware: "uefi" }, (host) => startDhcpd(bench.wire, host, "lan", SUBNET + OPTIONS.iscDhcpd)));

  it("Kea, BIOS by TFTP", () => {
    const { Dhcp4 } = JSON.parse(OPTIONS.kea.replace(/^\/\/.*\n/, ""));
    const own = { "interfaces-config": { interfaces: ["lan"] }, "lease-database": { type: "memfile", persist: false } };
    const config = JSON.stringify({ Dhcp4: { ...Dhcp4, ...own } });
    return boots("kea", { firmware: "bios", plainPxe: true }, (host) => startKea(bench.wire, host, config));
  });

  it("dnsmasq, UEFI HTTP boot", () => {
    const options = OPTIONS.dnsmasq.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
    return boots("masq", { firmware: "uefi", http: true }, (host) =>
      startDnsmasq(
        ...([bench.wire, host, "--interface=lan", "--dhcp-range=10.0.100.0,static,255.255.255.0"] as const),
        ...options.map((option) => `--${option}`),
      ),
    );
  });
});
