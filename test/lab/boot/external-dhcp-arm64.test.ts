// limit: 840 s
import assert from "node:assert/strict";
import { BootBench } from "../../../lab/boot/bench.js";
import { type DeclaredNode, declareForInstall, fetchedBy, installerReport } from "../../../lab/boot/declared-node.js";
import { type Neighbour, startDhcpd, startDnsmasq, startKea } from "../../../lab/boot/dhcp-neighbour.js";
import type { Wire } from "../../../lab/boot/wire.js";
import type { ExternalDhcp } from "../../../providers/pxe-server/render/external-dhcp/boot-options.js";
import { externalDhcpOptions } from "../../../providers/pxe-server/render/external-dhcp/options.js";
import { skipUnlessArm64 } from "./skip-unless-arm64.js";
import { skipUnlessRoot } from "./skip-unless-root.js";

type Options = ReturnType<typeof externalDhcpOptions>;

interface Case {
  title: string;
  /** By UEFI HTTP boot; default: by TFTP. */
  http?: boolean;
  start(wire: Wire, host: string, options: Options): Promise<Neighbour>;
}

const CASES: Case[] = [
  {
    title: "ISC dhcpd, by TFTP",
    start: (wire, host, { iscDhcpd }) =>
      startDhcpd(wire, host, "lan", `subnet 10.0.100.0 netmask 255.255.255.0 { }\n${iscDhcpd}`),
  },
  {
    title: "Kea, by UEFI HTTP boot",
    http: true,
    start(wire, host, { kea }) {
      const { Dhcp4 } = JSON.parse(kea.replace(/^\/\/.*\n/, ""));
      const leases = { type: "memfile", persist: false };
      const own = { "interfaces-config": { interfaces: ["lan"] }, "lease-database": leases };
      return startKea(wire, host, JSON.stringify({ Dhcp4: { ...Dhcp4, ...own } }));
    },
  },
  {
    title: "dnsmasq, by TFTP",
    start(wire, host, { dnsmasq }) {
      const options = dnsmasq.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
      const given = ["--interface=lan", "--dhcp-range=10.0.100.0,static,255.255.255.0"];
      return startDnsmasq(wire, host, ...given, ...options.map((option) => `--${option}`));
    },
  },
];

/** As `external-dhcp.test.ts`, with firmware of another architecture. */
describe("another DHCP server boots a declared 64-bit ARM machine with the options that we tell", function () {
  this.timeout(700_000);
  skipUnlessRoot();
  skipUnlessArm64();
  let bench: BootBench;

  before(async () => {
    bench = await BootBench.create();
  });
  after(() => bench?.close());

  const boots = async (
    name: string,
    { address, httpUrl, machines: [node] }: ExternalDhcp & { machines: [DeclaredNode] },
    mode: "external" | "proxy",
    http: boolean,
    startOn: (host: string) => Promise<Neighbour>,
  ) => {
    await bench.wire.addSwitch(name);
    await bench.wire.addHost(`${name}-dhcp`, { interface: "lan", to: name, address: "10.0.100.254/24" });
    await bench.wire.addHost(`${name}-host`, { interface: "eth1", to: name, address: `${address}/24` });
    bench.add(await startOn(`${name}-dhcp`));
    const server = await bench.serve(`${name}-host`, { address, httpUrl, dhcp: { mode } }, { arm64: true });
    declareForInstall(server, node);
    const machine = await bench.powerOn({ firmware: "arm64", http, cards: [{ mac: node.mac, to: name }] });
    const platform = await machine.until("the installer's report", () => installerReport(server, node), 600_000);
    assert.equal(platform, "efi");
    const byTftp = server.dhcpLog().includes(`sent ${server.root}/tftp/ipxe-arm64.efi to ${node.address}`);
    assert.equal(byTftp, !http);
    const [first, ...further] = [...(byTftp ? ["by TFTP"] : []), ...fetchedBy(server, node.address)];
    assert.equal(first, http ? "/boot/ipxe-arm64.efi" : "by TFTP");
    assert.deepEqual(further.slice(0, 2), ["/boot.ipxe", `/nodes/${node.mac.replaceAll(":", "-")}.ipxe`]);
    assert.doesNotMatch(server.dhcpLog(), /DHCP(OFFER|ACK)\(/, "ours gives out no address");
    await machine.powerOff();
  };
  const rack = (at: number): ExternalDhcp & { machines: [DeclaredNode] } => ({
    cluster: "bench",
    cidr: "10.0.100.0/24",
    address: "10.0.100.1",
    httpUrl: "http://10.0.100.1",
    machines: [{ name: "node01", mac: `52:54:00:0e:0a:0${at}`, address: `10.0.100.5${at}` }],
  });

  for (const [at, { title, http = false, start }] of CASES.entries())
    it(title, () =>
      boots(`arm${at}`, rack(at), "external", http, (host) => start(bench.wire, host, externalDhcpOptions(rack(at)))),
    );

  it("one without any option, as ours adds the boot file (ProxyDHCP)", () => {
    const given = rack(9);
    const [{ mac, address }] = given.machines;
    const lease = ["--interface=lan", "--dhcp-range=10.0.100.0,static,255.255.255.0", `--dhcp-host=${mac},${address}`];
    return boots("armproxy", given, "proxy", false, (host) => startDnsmasq(bench.wire, host, ...lease));
  });
});
