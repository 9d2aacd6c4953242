// limit: 600 s
import assert from "node:assert/strict";
import { BootBench } from "../../../lab/boot/bench.js";
import type { BootMachine, MachineOptions } from "../../../lab/boot/boot-machine.js";
import type { BootServer } from "../../../lab/boot/boot-server.js";
import { type DeclaredNode, declareForInstall, fetchedBy, installerReport } from "../../../lab/boot/declared-node.js";
import { skipUnlessRoot } from "./skip-unless-root.js";

interface Mode {
  title: string;
  node: DeclaredNode;
  machine: Pick<MachineOptions, "firmware" | "http" | "plainPxe">;
  /** By TFTP or from the web server. */
  bootFile: string;
  platform: string;
}

const MODES: Mode[] = [
  {
    title: "UEFI by TFTP",
    node: { name: "uefi", mac: "52:54:00:0b:00:01", address: "10.0.100.51" },
    machine: { firmware: "uefi" },
    bootFile: "tftp/snponly.efi",
    platform: "efi",
  },
  {
    title: "UEFI HTTP boot",
    node: { name: "http", mac: "52:54:00:0b:00:02", address: "10.0.100.52" },
    machine: { firmware: "uefi", http: true },
    bootFile: "/boot/snponly.efi",
    platform: "efi",
  },
  {
    title: "BIOS by TFTP",
    node: { name: "bios", mac: "52:54:00:0b:00:03", address: "10.0.100.53" },
    machine: { firmware: "bios", plainPxe: true },
    bootFile: "tftp/undionly.kpxe",
    platform: "pcbios",
  },
];

describe("a declared machine boots the installer", function () {
  this.timeout(700_000);
  skipUnlessRoot();
  let bench: BootBench;
  let server: BootServer;
  const machines = new Map<string, BootMachine>();

  before(async () => {
    ({ bench, server } = await BootBench.simple());
    for (const { title, node, machine } of MODES) {
      declareForInstall(server, node);
      machines.set(title, await bench.powerOn({ ...machine, cards: [{ mac: node.mac, to: "switch" }] }));
    }
  });
  after(() => bench?.close());

  for (const { title, node, bootFile, platform } of MODES)
    it(title, async () => {
      const reported = machines.get(title)?.until("the installer's report", () => installerReport(server, node));
      assert.equal(await reported, platform);
      const byTftp = bootFile.startsWith("tftp/");
      assert.equal(server.dhcpLog().includes(`sent ${server.root}/${bootFile} to ${node.address}`), byTftp);
      assert.deepEqual(fetchedBy(server, node.address), [
        ...(byTftp ? [] : [bootFile]),
        "/boot.ipxe",
        `/nodes/${node.mac.replaceAll(":", "-")}.ipxe`,
        "/images/kernel",
        `/keys/${node.address}/0123456789abcdef.cpio`,
        "/images/initrd",
      ]);
    });
});
