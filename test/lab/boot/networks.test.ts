// limit: 840 s
import assert from "node:assert/strict";
import { execa } from "execa";
import { BootBench } from "../../../lab/boot/bench.js";
import type { BootMachine, MachineOptions } from "../../../lab/boot/boot-machine.js";
import type { BootServer } from "../../../lab/boot/boot-server.js";
import { type DeclaredNode, declareForInstall, installerReport } from "../../../lab/boot/declared-node.js";
import { startDnsmasq } from "../../../lab/boot/dhcp-neighbour.js";
import { skipUnlessRoot } from "./skip-unless-root.js";

const node = (number: number): DeclaredNode => ({
  name: `node${number}`,
  mac: `52:54:00:0d:00:${String(number).padStart(2, "0")}`,
  address: `10.0.100.${50 + number}`,
});
const eth1 = (to: string) => ({ interface: "eth1", to, address: "10.0.100.1/24" });

describe("a declared machine boots the installer", function () {
  this.timeout(700_000);
  skipUnlessRoot();
  let bench: BootBench;

  before(async () => {
    bench = await BootBench.create();
  });
  after(() => bench?.close());

  async function powerOn(
    server: BootServer,
    to: string,
    declared: DeclaredNode,
    options: Partial<MachineOptions> = {},
  ) {
    declareForInstall(server, declared);
    return bench.powerOn({ firmware: "uefi", cards: [{ mac: declared.mac, to }], ...options });
  }
  const boots = (machine: BootMachine, server: BootServer, declared: DeclaredNode) =>
    machine.until("the installer's report", () => installerReport(server, declared));

  it("beside another DHCP server, which gives out the addresses: BIOS asks port 67, UEFI also port 4011", async () => {
    const [uefi, bios] = [node(1), node(2)];
    await bench.wire.addSwitch("shared");
    await bench.wire.addHost("proxy", eth1("shared"));
    await bench.wire.addHost("router", { interface: "lan", to: "shared", address: "10.0.100.254/24" });
    bench.add(
      await startDnsmasq(
        bench.wire,
        "router",
        "--interface=lan",
        "--dhcp-range=10.0.100.0,static,255.255.255.0",
        ...[uefi, bios].map(({ mac, address }) => `--dhcp-host=${mac},${address}`),
      ),
    );
    const server = await bench.serve("proxy", { dhcp: { mode: "proxy" } });
    const sniff = bench.wire.on("proxy", ["tcpdump", "-lnpi", "eth1", "-c", "1", "udp dst port 4011"]);
    const asked = execa(...sniff, { timeout: 600_000, stdin: "ignore", reject: false });
    const machines = [
      await powerOn(server, "shared", uefi),
      await powerOn(server, "shared", bios, { firmware: "bios", plainPxe: true }),
    ] as const;
    assert.equal(await boots(machines[0], server, uefi), "efi");
    assert.equal(await boots(machines[1], server, bios), "pcbios");
    assert.match(server.dhcpLog(), new RegExp(`PXE\\(eth1\\) ${bios.mac} proxy`));
    assert.match((await asked).stdout, / > 10\.0\.100\.1\.4011: /);
    assert.doesNotMatch(server.dhcpLog(), /DHCPOFFER/);
  });

  it("behind a router that relays its DHCP requests to the provisioning host in another network", async () => {
    await bench.wire.addSwitch("machines");
    await bench.wire.addSwitch("servers");
    await bench.wire.addHost("relayed", { interface: "eth1", to: "servers", address: "10.9.0.1/24" });
    await bench.wire.addHost(
      "gateway",
      { interface: "lan", to: "machines", address: "10.0.100.254/24" },
      { interface: "wan", to: "servers", address: "10.9.0.254/24" },
    );
    await bench.wire.run("gateway", "sysctl", "-qw", "net.ipv4.ip_forward=1");
    await bench.wire.run("relayed", "ip", "route", "add", "10.0.100.0/24", "via", "10.9.0.254");
    const relay = ["--interface=lan", "--interface=wan", "--dhcp-relay=10.0.100.254,10.9.0.1"];
    bench.add(await startDnsmasq(bench.wire, "gateway", ...relay));
    const server = await bench.serve("relayed", {
      address: "10.9.0.1",
      httpUrl: "http://10.9.0.1",
      gateway: "10.0.100.254",
      dhcp: { mode: "full", relay: true },
    });
    const machine = await powerOn(server, "machines", node(6));
    assert.equal(await boots(machine, server, node(6)), "efi");
  });

  it("on a tagged network: the provisioning host tags, the machine's port is untagged, as its firmware is", async () => {
    await bench.wire.addSwitch("tagged");
    await bench.wire.addHost("tagging", { ...eth1("tagged"), vlan: 100 });
    const server = await bench.serve("tagging", { interface: "eth1.100" });
    const machine = await powerOn(server, "tagged", node(3));
    assert.equal(await boots(machine, server, node(3)), "efi");
  });

  it("behind a switch with spanning tree, whose port forwards only after a while", async () => {
    await bench.wire.addSwitch("tree", { forwardDelay: 4 });
    await bench.wire.addHost("host", eth1("tree"));
    const server = await bench.serve("host");
    const machine = await powerOn(server, "tree", node(4));
    await machine.until("a port that does not forward yet", async () =>
      (await bench.wire.run("wire", "bridge", "link", "show")).includes("master tree state listening"),
    );
    assert.equal(await boots(machine, server, node(4)), "efi");
  });

  it("from its second card, when the first in the boot order is on a network without DHCP", async () => {
    await bench.wire.addSwitch("silent");
    await bench.wire.addSwitch("served");
    await bench.wire.addHost("second", eth1("served"));
    const server = await bench.serve("second");
    const cards = [
      { mac: "52:54:00:0d:01:05", to: "silent" },
      { mac: node(5).mac, to: "served" },
    ];
    const machine = await powerOn(server, "served", node(5), { firmware: "bios", cards });
    assert.equal(await boots(machine, server, node(5)), "pcbios");
    assert.ok(machine.timesShown("52:54:00:0d:01:05") > 0);
  });
});
