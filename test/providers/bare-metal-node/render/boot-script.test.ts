import assert from "node:assert/strict";
import fc from "fast-check";
import {
  BOOT_FROM_DISK,
  type BootFromDisk,
  bootScriptKind,
  bootScriptOwner,
  bootScriptPath,
  keysPath,
  renderDiskScript,
  renderInstallScript,
} from "../../../../providers/bare-metal-node/render/boot-script.js";
import { renderDhcpHost } from "../../../../providers/bare-metal-node/render/dhcp-host.js";
import { inputsSchema } from "../../../../providers/bare-metal-node/schema.js";

const httpUrl = "http://10.0.100.1";
const boot = {
  node: "node01",
  mac: "52:54:00:00:00:01",
  address: "10.0.100.50",
  httpUrl: "http://10.0.100.1",
  nonce: "0123456789abcdef",
  image: {
    kernel: { path: "/images/aa/bzImage", size: 1 },
    initrd: { path: "/images/aa/initrd", size: 1 },
    cmdline: "init=/nix/store/x/init console=ttyS0",
  },
};

describe("BareMetalNode: what is written for a machine's boot", () => {
  it("the installer's boot script", () => {
    assert.equal(
      renderInstallScript(boot),
      `#!ipxe
# flint install node01 0123456789abcdef
echo Flint: loading the installer for node01
kernel http://10.0.100.1/images/aa/bzImage initrd=keys initrd=initrd init=/nix/store/x/init console=ttyS0 flint.node=node01 flint.nonce=0123456789abcdef BOOTIF=01-52-54-00-00-00-01
initrd --name keys http://10.0.100.1/keys/10.0.100.50/0123456789abcdef.cpio
initrd --name initrd http://10.0.100.1/images/aa/initrd
boot
`,
    );
  });

  it("a finished machine's boot script, by firmware", () => {
    assert.equal(
      renderDiskScript({ name: "node01", firmware: "uefi", httpUrl }),
      "#!ipxe\n# flint disk node01\necho Flint: node01 boots from its disk\nexit 1\n",
    );
    assert.equal(
      renderDiskScript({ name: "node01", firmware: "bios", httpUrl }),
      "#!ipxe\n# flint disk node01\necho Flint: node01 boots from its disk\nsanboot --no-describe --drive 0x80 || exit 1\n",
    );
  });

  it("the declared way back to the disk goes before the firmware's", () => {
    const by = (firmware: "uefi" | "bios", bootFromDisk: BootFromDisk) =>
      renderDiskScript({ name: "node01", firmware, bootFromDisk, httpUrl }).split("\n").at(-2);
    for (const firmware of ["uefi", "bios"] as const) {
      assert.equal(by(firmware, "ipxe-exit"), "exit 1");
      assert.equal(by(firmware, "ipxe-sanboot"), "sanboot --no-describe --drive 0x80 || exit 1");
      assert.equal(by(firmware, "http-404"), "chain --replace http://10.0.100.1/nodes/disk");
    }
    for (const way of BOOT_FROM_DISK)
      assert.equal(
        bootScriptKind(renderDiskScript({ name: "a", firmware: "uefi", bootFromDisk: way, httpUrl })),
        "disk",
      );
  });

  it("the DHCP entry follows the card, whatever client id the system sends", () => {
    assert.equal(
      renderDhcpHost({ mac: "52:54:00:00:00:01", address: "10.0.100.50", name: "node01" }),
      "52:54:00:00:00:01,id:*,10.0.100.50,node01,infinite\n",
    );
  });

  it("the script lies where iPXE looks for it by its card's address", () => {
    assert.equal(bootScriptPath("52:54:00:AB:CD:EF"), "nodes/52-54-00-ab-cd-ef.ipxe");
  });

  it("a boot script tells what kind it is; another text is foreign", () => {
    assert.equal(bootScriptKind(renderInstallScript(boot)), "install");
    assert.equal(bootScriptKind(renderDiskScript({ name: "node01", firmware: "uefi", httpUrl })), "disk");
    assert.equal(bootScriptKind(renderDiskScript({ name: "install", firmware: "uefi", httpUrl })), "disk");
    assert.equal(bootScriptKind("#!ipxe\nboot\n"), "foreign");
    assert.equal(bootScriptKind(""), "foreign");
    assert.equal(bootScriptKind(undefined), "none");
  });

  it("says whose it is", () => {
    assert.equal(bootScriptOwner(renderInstallScript(boot)), boot.node);
    assert.equal(bootScriptOwner(renderDiskScript({ name: "node07", firmware: "bios", httpUrl })), "node07");
    for (const text of ["#!ipxe\nboot\n", "", undefined]) assert.equal(bootScriptOwner(text), undefined);
  });

  it("no name that the schema lets in adds a line, a command or a path", () => {
    const { name, pxe, addresses } = inputsSchema.shape;
    const hostile = fc.oneof(
      fc.string(),
      fc.string({
        unit: fc.constantFrom("a", "\n", "\r", ";", "|", "&", "$", "{", "}", " ", "/", "..", ".", ",", "#"),
      }),
      fc.constantFrom("..", ".", "node01\nshell", "node01 || shell", "$" + "{net0/mac}", "a/../../b"),
    );
    fc.assert(
      fc.property(hostile, hostile, (node, url) => {
        const given = name.safeParse(node).success ? node : "node01";
        const httpUrl = pxe.shape.httpUrl.safeParse(url).success ? url : "http://10.0.100.1";
        const lines = renderInstallScript({ ...boot, node: given, httpUrl }).split("\n");
        assert.equal(lines.length, 8);
        for (const line of lines) assert.doesNotMatch(line, /[|&${}\r]/);
        assert.notEqual(given.replaceAll(".", ""), "");
        assert.equal(renderDhcpHost({ ...boot, name: given }).split(",").length, 5);
      }),
      { numRuns: 3000 },
    );
    for (const address of ["", "..", "10.0.100.50/..", "10.0.100.50\n", "fe80::1"])
      assert.equal(addresses.safeParse({ provisioning: address, cluster: "10.0.200.10" }).success, false, address);
    assert.equal(keysPath("10.0.100.50", "0123"), "keys/10.0.100.50/0123.cpio");
  });
});
