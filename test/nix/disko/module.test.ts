import assert from "node:assert/strict";
import { join } from "node:path";
import { z } from "zod";
import { CHECKOUT, evaluate } from "../nix-evaluation.js";
import { HAS_DISKO, SOURCES } from "./disk-script.js";

const MARK = "flint-1a2b3c4d";
const answer = z.object({
  script: z.string(),
  disko: z.string(),
  hostId: z.string().nullable(),
  trial: z.array(z.string()),
  loader: z.record(z.string(), z.record(z.string(), z.unknown())),
  fileSystems: z.record(z.string(), z.object({ device: z.string(), options: z.array(z.string()) })),
  etc: z.record(z.string(), z.object({ text: z.string() })),
  units: z.record(z.string(), z.looseObject({})),
});

async function node(disk: Record<string, unknown>, counts = false) {
  const value = JSON.stringify({ mark: MARK, serial: "A", ...disk });
  const said = await evaluate(`import ${join(CHECKOUT, "test/nix/disko/evaluate-module.nix")} {
    nixpkgs = ${SOURCES.nixpkgs}; disko = ${SOURCES.disko}; nix = ${join(CHECKOUT, "nix")};
    disk = builtins.fromJSON ''${value}''; counts = ${counts};
  }`);
  return answer.parse(said);
}

describe("A node's disks, as NixOS and disko take them", function () {
  this.timeout(120_000);
  before(function () {
    if (HAS_DISKO) return;
    console.warn("SKIPPED: FLINT_DISKO and FLINT_NIXPKGS name no sources of disko and nixpkgs");
    this.skip();
  });

  it("disko's script runs after all disks were found", async () => {
    const { script } = await node({ layout: "mdraid-uefi", mirror: { serial: "B" } });
    const [found, formatted] = [
      script.indexOf("--disk system --serial 'A' --disk mirror --serial 'B'"),
      script.indexOf("exec "),
    ];
    assert.ok(found > 0 && formatted > found, script);
    assert.match(script, /\nexec \/disko\/disko "\$@"\n$/);
  });

  it("both disks of a pair can start the machine", async () => {
    const uefi = await node({ layout: "mdraid-uefi", mirror: { serial: "B" } });
    assert.match(
      String(uefi.loader["systemd-boot"]?.extraInstallCommands),
      /boot-trial\.sh arm\n[\s\S]*mirror-esp\.sh \/boot \/boot-mirror\n$/,
    );
    const bios = await node({ layout: "btrfs-bios", mirror: { serial: "B" } });
    assert.deepEqual(bios.loader.grub?.devices, ["/dev/disk/by-flint/system", "/dev/disk/by-flint/mirror"]);
    assert.ok("flint-disks" in bios.units, "GRUB's disks have their names on the installed system too");
    assert.ok(!("flint-boot-check" in bios.units), "trials are systemd-boot's");
  });

  it("a mirrored ZFS pool is laid out by disko, and taken by this host", async () => {
    const { disko, hostId } = await node({ layout: "zfs-uefi", mirror: { serial: "B" } });
    assert.equal(hostId, "1a2b3c4d");
    assert.match(disko, /zpool create -f ['"]?flint-1a2b3c4d|mode=mirror/);
  });

  it("raft's state is on the data disk, and nowhere else without it", async () => {
    const { fileSystems, units, etc } = await node({ layout: "single-uefi", data: { serial: "C", encrypted: true } });
    assert.partialDeepStrictEqual(fileSystems, {
      "/var/lib/chainfire": { device: "/var/lib/raft/chainfire" },
      "/var/lib/flaredb": { device: "/var/lib/raft/flaredb" },
    });
    assert.deepEqual(units.flaredb, { unitConfig: { RequiresMountsFor: "/var/lib/flaredb" } });
    assert.equal(
      etc.crypttab?.text,
      `${MARK}-data /dev/disk/by-partlabel/${MARK}-data /etc/nixos/secrets/data.key luks,nofail\n`,
    );
  });

  it("a new system's first start is a trial, by NixOS' own boot counting where there is one", async () => {
    const own = await node({ layout: "single-uefi" });
    assert.ok("flint-boot-check" in own.units && "flint-boot-good" in own.units);
    assert.deepEqual(own.trial, ["panic=10", "boot.panic_on_fail"]);
    const counted = await node({ layout: "single-uefi" }, true);
    assert.partialDeepStrictEqual(counted.loader["systemd-boot"], { bootCounting: { enable: true, tries: 3 } });
    assert.ok("flint-boot-check" in counted.units && !("flint-boot-good" in counted.units));
    assert.equal(counted.loader["systemd-boot"]?.extraInstallCommands, "");
  });
});
