// limit: 1800 s
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { type DiskOfMachine, prepareTrialMachine, TrialMachine } from "../trial-machine.js";
import { deactivation, diskScript, HAS_DISKO, type Maker } from "./disk-script.js";

/** All layouts are tried one after another on the same disks, each over what the one before left: with a mark of its own. */
const MARKS = {
  single: "flint-00000001",
  bios: "flint-00000002",
  md: "flint-00000003",
  btrfs: "flint-00000004",
  data: "flint-00000005",
  luks: "flint-00000006",
  wrong: "flint-1a2b3c4d",
};
const system = (mark: string, layout: string) => ({ serial: "SYSTEM1", mark, layout });
const DISKS: DiskOfMachine[] = [
  { serial: "OTHER", megabytes: 64 },
  { serial: "MIRROR1" },
  { serial: "SYSTEM1" },
  { serial: "DATA1", megabytes: 400 },
];

interface Case {
  title: string;
  disk: Record<string, unknown> & { mark: string };
  /** Makes the file systems reachable again, as the start of an installed system does; $mark is the mark. */
  assemble: string;
  mounts: string[];
  partitions: Partial<Record<"SYSTEM1" | "MIRROR1" | "DATA1", string[]>>;
  /** Further commands, and what they must say. */
  run: string;
  says: RegExp;
}

const MOUNT = {
  root: "mount /dev/disk/by-partlabel/$mark-root /mnt",
  esp: "mount /dev/disk/by-partlabel/$mark-esp /mnt/boot",
  espMirror: "mount /dev/disk/by-partlabel/$mark-esp2 /mnt/boot-mirror",
};
const ESPS = ["/mnt/boot /dev/vdc1 vfat", "/mnt/boot-mirror /dev/vdb1 vfat"];
const MIRRORED = { SYSTEM1: ["esp", "root"], MIRROR1: ["esp2", "root2"] };

const CASES: Case[] = [
  {
    title: "one disk, UEFI",
    disk: system(MARKS.single, "single-uefi"),
    assemble: `${MOUNT.root}; ${MOUNT.esp}`,
    mounts: ["/mnt /dev/vdc2 ext4", "/mnt/boot /dev/vdc1 vfat"],
    partitions: { SYSTEM1: ["esp", "root"] },
    run: "sgdisk --print /dev/vdc",
    says: /1024\.0 MiB +EF00 +flint-00000001-esp/,
  },
  {
    title: "a mirrored pair with md",
    disk: { ...system(MARKS.md, "mdraid-uefi"), mirror: { serial: "MIRROR1" } },
    assemble: `mdadm --assemble --scan; udevadm settle; mount /dev/md/$mark-root /mnt; ${MOUNT.esp}; ${MOUNT.espMirror}`,
    mounts: ["/mnt /dev/md127 ext4", ...ESPS],
    partitions: MIRRORED,
    run: "mdadm --detail /dev/md127",
    says: /Raid Level : raid1[\s\S]*Raid Devices : 2/,
  },
  {
    title: "one disk, BIOS, over half of a mirror",
    disk: system(MARKS.bios, "single-bios"),
    assemble: MOUNT.root,
    mounts: ["/mnt /dev/vdc2 ext4"],
    partitions: { SYSTEM1: ["bios", "root"] },
    run: "sgdisk --print /dev/vdc",
    says: /1024\.0 KiB +EF02 +flint-00000002-bios/,
  },
  {
    title: "a mirrored pair with btrfs",
    disk: { ...system(MARKS.btrfs, "btrfs-uefi"), mirror: { serial: "MIRROR1" } },
    assemble: `btrfs device scan; ${MOUNT.root}; ${MOUNT.esp}; ${MOUNT.espMirror}`,
    mounts: ["/mnt (both) btrfs", ...ESPS],
    partitions: MIRRORED,
    run: "btrfs filesystem df /mnt; btrfs filesystem show /mnt",
    says: /Data, RAID1[\s\S]*Metadata, RAID1[\s\S]*Total devices 2/,
  },
  {
    title: "an encrypted disk for raft's state",
    disk: { ...system(MARKS.luks, "single-bios"), data: { serial: "DATA1", encrypted: true } },
    assemble: `${MOUNT.root}
      cryptsetup open /dev/disk/by-partlabel/$mark-data other --key-file /case/other.key && echo OPENED-WITH-ANOTHER-KEY
      cryptsetup open /dev/disk/by-partlabel/$mark-data $mark-data --key-file /run/flint/data.key
      mount /dev/mapper/$mark-data /mnt/var/lib/raft`,
    mounts: ["/mnt /dev/vdc2 ext4", `/mnt/var/lib/raft /dev/mapper/${MARKS.luks}-data ext4`],
    partitions: { SYSTEM1: ["bios", "root"], DATA1: ["data"] },
    run: "blkid -p -o value -s TYPE /dev/vdd1",
    says: /crypto_LUKS/,
  },
  {
    title: "a plain disk for raft's state, over an encrypted one",
    disk: { ...system(MARKS.data, "single-bios"), data: { serial: "DATA1" } },
    assemble: `${MOUNT.root}; mount /dev/disk/by-partlabel/$mark-data /mnt/var/lib/raft`,
    mounts: ["/mnt /dev/vdc2 ext4", "/mnt/var/lib/raft /dev/vdd1 ext4"],
    partitions: { SYSTEM1: ["bios", "root"], DATA1: ["data"] },
    run: "ls -ld /mnt/var/lib/raft/chainfire /mnt/var/lib/raft/flaredb",
    says: /drwx------.*chainfire\ndrwx------.*flaredb/,
  },
];

/** Lays out, lets go of everything, and finds it again as an installed system would: by names alone. */
const TRY = `
look() { echo "== $1"; findmnt --list --noheadings --submounts --mountpoint /mnt --output TARGET,SOURCE,FSTYPE | sed 's/  */ /g; s/ *$//; s/ [^ ]* btrfs$/ (both) btrfs/'; }
echo "== script"
sh /case/$name-start || exit 9
look "laid out"
echo kept > /mnt/kept
echo "== second time"
sh /case/$name-start
echo "== more"
more
echo "== again"
umount -R /mnt; mdadm --stop --scan; [ ! -e /dev/mapper/$mark-data ] || cryptsetup close $mark-data
udevadm settle
assemble
look "started again"
cat /mnt/kept
echo "== partitions"
for disk in /dev/vd?; do
  echo "$(lsblk --nodeps --noheadings --output SERIAL "$disk" | sed 's/ *$//') $(lsblk --list --noheadings --output TYPE,PARTLABEL "$disk" | sed -n "s/^part *$mark-//p" | paste -sd' ')"
done
umount -R /mnt
`;

/** All cases in one boot; what each said, by title. */
async function tryAll(machine: TrialMachine, maker: Maker): Promise<Map<string, string>> {
  const files: Record<string, string> & { run: string } = {
    "data.key": "the key of this data disk",
    "other.key": "another",
    run: "mkdir -p /run/flint; cp /case/data.key /run/flint/\n",
  };
  for (const [i, { disk, assemble, run }] of CASES.entries()) {
    for (const [file, content] of Object.entries(await diskScript(disk, maker)))
      files[`${i}-${file}`] = content.replaceAll(/\/case\/(?!disk-deactivate)/g, `/case/${i}-`);
    files[`try${i}`] = `name=${i} mark=${disk.mark}\nmore() { ${run}; }\nassemble() { ${assemble}\n}\n${TRY}`;
    files.run += `echo "=== ${i}"; bash /case/try${i}; echo "ended with $?"\n`;
  }
  if (maker === "disko") for (const [file, content] of Object.entries(deactivation())) files[file] = content;
  const { output, code } = await machine.run(files);
  assert.equal(code, 0, output);
  return new Map(
    output
      .split(/^=== /m)
      .slice(1)
      .map((said, i) => [CASES[i]?.title ?? "", said]),
  );
}
const section = (output: string, name: string) =>
  (output.split(`== ${name}\n`)[1] ?? "").split("\n== ")[0]?.split("\n").filter(Boolean) ?? [];

async function digest(path: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  return hash.digest("hex");
}

describe("Disk layouts, on the disks of a machine", function () {
  this.timeout(820_000);
  let made = "";
  before(async function () {
    this.timeout(620_000);
    made = await prepareTrialMachine();
  });

  for (const maker of ["mini-disko", "disko"] as const) {
    const skipped = maker === "disko" && !HAS_DISKO;
    const why = skipped ? " (SKIPPED: FLINT_DISKO and FLINT_NIXPKGS name no sources of disko and nixpkgs)" : "";
    describe(maker === "disko" ? "with disko itself" : "with the stand-in for disko", () => {
      let said = new Map<string, string>();
      before(async () => {
        if (skipped) return;
        const machine = new TrialMachine(made, DISKS);
        try {
          said = await tryAll(machine, maker);
        } finally {
          machine.remove();
        }
      });

      for (const { title, mounts, partitions, says } of CASES) {
        (skipped ? it.skip : it)(`${title}: is formatted once, mounted, and found again after a restart${why}`, () => {
          const output = said.get(title) ?? "";
          assert.match(output, /\nended with 0\n/, output);
          assert.deepEqual(section(output, "laid out"), mounts, output);
          assert.deepEqual(section(output, "second time"), ["the disks are laid out and mounted already"], output);
          assert.deepEqual(section(output, "started again"), [...mounts, "kept"], output);
          assert.ok(!output.includes("OPENED-WITH-ANOTHER-KEY"), output);
          const all = Object.entries({ OTHER: [], MIRROR1: [], SYSTEM1: [], DATA1: [], ...partitions });
          const found = section(output, "partitions").filter((line) => !line.startsWith("ended with"));
          assert.deepEqual(
            found,
            all.map(([serial, names]) => `${serial} ${names.join(" ")}`),
            output,
          );
          assert.match(section(output, "more").join("\n"), says);
        });
      }
    });
  }

  it("nothing is written when one of several disks is missing, in doubt, or not the only one with the mark", async () => {
    const machine = new TrialMachine(made, DISKS);
    try {
      const both = system(MARKS.wrong, "mdraid-uefi");
      const wrong: [string, Record<string, unknown>][] = [
        ["missing", { ...both, mirror: { serial: "MIRROR9" } }],
        ["in-doubt", { ...both, mirror: { minSize: 1 } }],
        ["twice", { ...both, mirror: { serial: "SYSTEM1" } }],
        ["marked", system(MARKS.wrong, "single-bios")],
      ];
      // A disk of an earlier installation of this very node, which is not declared any more.
      const marked = await machine.run({ run: `sgdisk --new=1:0:0 --change-name=1:${MARKS.wrong}-root /dev/vda` });
      assert.equal(marked.code, 0, marked.output);
      const images = DISKS.map((_, i) => machine.image(i));
      const before = await Promise.all(images.map(digest));
      const files: Record<string, string> = {};
      for (const [name, disk] of wrong) {
        for (const [file, content] of Object.entries(await diskScript(disk, "mini-disko")))
          files[`${name}-${file}`] = content.replaceAll("/case/", `/case/${name}-`);
      }
      const run = wrong.map(([name]) => `echo "== ${name}"; sh /case/${name}-start; echo "exit code $?"`).join("\n");
      const { output, code } = await machine.run({ ...files, run });
      assert.equal(code, 0, output);
      const inventory = [
        "find-disk: nothing was written. Disks of this machine:",
        "  /dev/vda (serial OTHER, wwn unknown, 67108864 bytes)",
        "  /dev/vdb (serial MIRROR1, wwn unknown, 1610612736 bytes)",
        "  /dev/vdc (serial SYSTEM1, wwn unknown, 1610612736 bytes)",
        "  /dev/vdd (serial DATA1, wwn unknown, 419430400 bytes)",
        "exit code 1",
      ];
      const says = {
        missing: "find-disk: mirror: no disk fits serial MIRROR9",
        "in-doubt": "find-disk: mirror: 4 disks fit at least 1 bytes: /dev/vda, /dev/vdb, /dev/vdc, /dev/vdd",
        twice: "find-disk: system and mirror are the same disk, /dev/vdc",
        marked:
          "find-disk: /dev/vda is none of the declared disks, but has the partition flint-1a2b3c4d-root of this " +
          "installation: wipe or unplug it",
      };
      for (const [name, first] of Object.entries(says)) assert.deepEqual(section(output, name), [first, ...inventory]);
      assert.deepEqual(await Promise.all(images.map(digest)), before);
    } finally {
      machine.remove();
    }
  });
});
