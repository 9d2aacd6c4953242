// limit: 400 s
import assert from "node:assert/strict";
import { join } from "node:path";
import type { DhcpAnswer, DhcpQuestion } from "../../../lab/boot/ask-dhcp.js";
import { BootServer } from "../../../lab/boot/boot-server.js";
import { declareForInstall } from "../../../lab/boot/declared-node.js";
import { type Neighbour, startDhcpd, startDnsmasq, startKea } from "../../../lab/boot/dhcp-neighbour.js";
import { Wire } from "../../../lab/boot/wire.js";
import type { HostTraits } from "../../../providers/pxe-server/render/dnsmasq.js";
import { externalDhcpOptions } from "../../../providers/pxe-server/render/external-dhcp/options.js";
import { skipUnlessRoot } from "./skip-unless-root.js";

const NODE = { name: "node01", mac: "52:54:00:11:00:01", address: "10.0.100.50" };
const HTTP = "http://10.0.100.1";
const OPTIONS = externalDhcpOptions({
  ...{ cluster: "bench", cidr: "10.0.100.0/24", address: "10.0.100.1", httpUrl: HTTP },
  machines: [NODE],
});

/** What each kind of firmware is to load: client architecture, and as whom it asks. */
const BOOT_FILES = {
  "BIOS 0": "undionly.kpxe",
  "UEFI 7": "snponly.efi",
  "UEFI 9": "snponly.efi",
  "UEFI HTTP 16": `${HTTP}/boot/snponly.efi HTTPClient`,
  "iPXE 0": `${HTTP}/boot.ipxe`,
  "iPXE 7": `${HTTP}/boot.ipxe`,
};
const ARM_FILES = {
  "ARM 11": "ipxe-arm64.efi",
  "ARM HTTP 19": `${HTTP}/boot/ipxe-arm64.efi HTTPClient`,
  "iPXE 11": `${HTTP}/boot.ipxe`,
};
const ALL_FILES = { ...BOOT_FILES, ...ARM_FILES };

describe("what a declared machine's firmware is told, by real servers", function () {
  this.timeout(120_000);
  skipUnlessRoot();
  let wire: Wire;

  before(async () => {
    wire = await Wire.create();
    await wire.addSwitch("switch");
    await wire.addHost("host", { interface: "eth1", to: "switch", address: "10.0.100.1/24" });
    await wire.addHost("other", { interface: "lan", to: "switch", address: "10.0.100.254/24" });
    await wire.addHost("machine", { interface: "eth0", to: "switch", address: "10.0.100.253/24" });
    await wire.run("machine", "ip", "route", "add", "255.255.255.255", "dev", "eth0");
  });
  after(() => wire?.close());

  const ask = async (question: Omit<DhcpQuestion, "mac">): Promise<DhcpAnswer> => {
    const program = join(__dirname, "../../../lab/boot/ask-dhcp.js");
    return JSON.parse(
      await wire.run("machine", process.execPath, program, JSON.stringify({ mac: NODE.mac, ...question })),
    );
  };
  /** The answers to all of `kinds`, as `BOOT_FILES` has them. */
  const told = async (kinds: object, how: Partial<DhcpQuestion> = {}) => {
    const answers: Record<string, string> = {};
    for (const kind of Object.keys(kinds)) {
      const http = kind.includes("HTTP");
      const userClass = kind.startsWith("iPXE") ? "iPXE" : undefined;
      const vendorClass = http ? "HTTPClient" : "PXEClient";
      const architecture = Number(kind.split(" ").at(-1));
      const {
        file,
        vendorClass: server,
        address,
        nextServer,
      } = await ask({ architecture, userClass, vendorClass, ...how });
      answers[kind] = http ? `${file} ${server}` : file;
      if (how.proxy !== undefined) continue;
      assert.equal(address, NODE.address);
      if (!file.startsWith("http")) assert.equal(nextServer, "10.0.100.1", "who serves TFTP");
    }
    return answers;
  };
  const withServer = async (changes: object, work: () => Promise<void>, traits: Partial<HostTraits> = {}) => {
    const server = await BootServer.start(wire, "host", changes, traits);
    declareForInstall(server, NODE);
    await work().finally(() => server.close());
  };
  const withNeighbour = async (started: Promise<Neighbour>, work: () => Promise<void>) => {
    const neighbour = await started;
    await work().finally(() => neighbour.close());
  };

  it("in mode full", () =>
    withServer({}, async () => {
      assert.deepEqual(await told(BOOT_FILES), BOOT_FILES);
      const arm = await ask({ architecture: 11 });
      assert.equal(arm.file, "", "no file for ARM where the host has none");
    }));

  it("in mode full, on a host that has iPXE for 64-bit ARM", () =>
    withServer({}, async () => assert.deepEqual(await told(ALL_FILES), ALL_FILES), { arm64: true }));

  it("in mode proxy: no address on port 67, the boot file of UEFI and of iPXE on 4011", () =>
    withServer({ dhcp: { mode: "proxy" } }, async () => {
      for (const architecture of [0, 7]) {
        const { address, vendorClass } = await ask({ architecture });
        assert.deepEqual([address, vendorClass], ["0.0.0.0", "PXEClient"]);
      }
      const kinds = { "UEFI 7": "snponly.efi", "UEFI 9": "snponly.efi", "iPXE 7": `${HTTP}/boot.ipxe` };
      assert.deepEqual(await told(kinds, { proxy: "10.0.100.1" }), kinds);
      assert.equal((await ask({ architecture: 0, userClass: "iPXE" })).file, `${HTTP}/boot.ipxe`);
    }));

  it("by ISC dhcpd with the options that we tell", () => {
    const subnet = "subnet 10.0.100.0 netmask 255.255.255.0 { }\n";
    return withNeighbour(startDhcpd(wire, "other", "lan", subnet + OPTIONS.iscDhcpd), async () =>
      assert.deepEqual(await told(ALL_FILES), ALL_FILES),
    );
  });

  it("by Kea with the options that we tell", () => {
    const { Dhcp4 } = JSON.parse(OPTIONS.kea.replace(/^\/\/.*\n/, ""));
    const own = { "interfaces-config": { interfaces: ["lan"] }, "lease-database": { type: "memfile", persist: false } };
    return withNeighbour(startKea(wire, "other", JSON.stringify({ Dhcp4: { ...Dhcp4, ...own } })), async () =>
      assert.deepEqual(await told(ALL_FILES), ALL_FILES),
    );
  });

  it("by another dnsmasq with the options that we tell", () => {
    const options = OPTIONS.dnsmasq.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
    const range = ["--interface=lan", "--dhcp-range=10.0.100.0,static,255.255.255.0"];
    return withNeighbour(startDnsmasq(wire, "other", ...range, ...options.map((option) => `--${option}`)), async () =>
      assert.deepEqual(await told(ALL_FILES), ALL_FILES),
    );
  });
});
