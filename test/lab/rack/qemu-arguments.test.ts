import assert from "node:assert/strict";
import { qemuArguments } from "../../../lab/rack/qemu-arguments.js";
import type { Machine } from "../../../lab/rack/schema.js";
import type { BootSource } from "../../../lab/redfish/backend.js";

const MACHINE: Machine = {
  name: "node01",
  number: 1,
  mac: "52:54:00:00:00:01",
  clusterMac: "52:54:00:00:01:01",
  bmc: "10.0.100.150",
  ipmi: false,
  secureBoot: false,
  addresses: undefined,
  serial: "S1,with comma",
  diskSerial: "D1",
  uuid: "7f000000-0000-4000-8000-000000000001",
  memory: 1024,
  cpus: 1,
  disk: 6,
  firmware: "uefi",
  display: true,
};
const PATHS = { disk: "/d", variables: "/v", qmp: "/q", console: "/c", pid: "/p", serialLog: "/s" };

function argumentsFor(source: BootSource, machine: Partial<Machine> = {}): string[] {
  return qemuArguments({ rack: "dev", machine: { ...MACHINE, ...machine }, paths: PATHS, accelerator: "tcg", source });
}

function bootIndexes(args: string[]): Record<string, string | undefined> {
  const index = (start: string) => args.find((one) => one.startsWith(start))?.match(/bootindex=(\d)/)?.[1];
  return { disk: index("virtio-blk-pci"), network: index("virtio-net-pci,netdev=prov") };
}

describe("a machine's QEMU", () => {
  const orders: [BootSource, ReturnType<typeof bootIndexes>][] = [
    ["None", { disk: "0", network: "1" }],
    ["Hdd", { disk: "0", network: "1" }],
    ["Pxe", { disk: "1", network: "0" }],
    ["UefiHttp", { disk: "1", network: "0" }],
  ];
  for (const [source, expected] of orders) {
    it(`boots in the order that ${source} means`, () => assert.deepEqual(bootIndexes(argumentsFor(source)), expected));
  }

  it("tries HTTP only when told to boot by HTTP", () => {
    const option = "name=opt/org.tianocore/IPv4PXESupport,string=no";
    assert.ok(argumentsFor("UefiHttp").includes(option));
    assert.ok(!argumentsFor("Pxe").includes(option));
  });

  it("never boots from the cluster network", () => {
    const card = argumentsFor("Pxe").find((one) => one.startsWith("virtio-net-pci,netdev=clus"));
    assert.equal(card, "virtio-net-pci,netdev=clus,mac=52:54:00:00:01:01,romfile=");
  });

  it("keeps a comma in a value from becoming an option", () => {
    assert.ok(argumentsFor("None").some((one) => one.includes("serial=S1,,with comma,")));
  });

  it("has firmware with Secure Boot only when told so, and then system management mode to guard its variables", () => {
    const secure = argumentsFor("None", { secureBoot: true });
    assert.ok(secure.includes("q35,smm=on") && secure.some((one) => one.includes("OVMF_CODE_4M.ms.fd")));
    assert.ok(!argumentsFor("None").some((one) => /smm|\.ms\./.test(one)));
  });

  it("has no firmware variables in BIOS mode", () => {
    assert.ok(!argumentsFor("None", { firmware: "bios" }).some((one) => one.includes("pflash")));
  });
});
