import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { lstatSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import fc from "fast-check";
import { type ArchiveFile, renderArchive } from "../../../../providers/bare-metal-node/render/keys-archive.js";

/** Unpacks with the system's cpio; paths relative to the new root, with kind and mode, and the files' contents. */
function unpack(archive: Buffer): Map<string, string> {
  const root = mkdtempSync(path.join(tmpdir(), "flint-archive-"));
  try {
    execFileSync("cpio", ["--extract", "--quiet", "--no-absolute-filenames"], { cwd: root, input: archive });
    const names = spawnSync("find", [".", "-mindepth", "1", "-printf", "%P\\0"], { cwd: root, encoding: "utf8" });
    const found = new Map<string, string>();
    for (const name of names.stdout.split("\0").filter((each) => each !== "")) {
      const stat = lstatSync(path.join(root, name));
      const mode = (stat.mode & 0o7777).toString(8).padStart(4, "0");
      const content = stat.isDirectory() ? "" : ` ${readFileSync(path.join(root, name), "utf8")}`;
      found.set(name, `${stat.isDirectory() ? "directory" : "file"} ${mode}${content}`);
    }
    return found;
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

const KEYS: ArchiveFile[] = [
  { path: "flint/authorized_keys", mode: 0o600, content: "ssh-ed25519 AAAA login\n" },
  { path: "flint/ssh_host_ed25519_key", mode: 0o600, content: "-----BEGIN OPENSSH PRIVATE KEY-----\n…\n" },
  { path: "flint/boot.json", mode: 0o644, content: '{"node":"node01"}\n' },
];

describe("BareMetalNode: the archive with the installer's keys", () => {
  it("unpacks to the same files with the same modes, in a directory of its own", () => {
    assert.deepEqual(
      [...unpack(renderArchive(KEYS))].sort(),
      [
        ["flint", "directory 0700"],
        ["flint/authorized_keys", "file 0600 ssh-ed25519 AAAA login\n"],
        ["flint/boot.json", 'file 0644 {"node":"node01"}\n'],
        ["flint/ssh_host_ed25519_key", "file 0600 -----BEGIN OPENSSH PRIVATE KEY-----\n…\n"],
      ].sort(),
    );
  });

  it("belongs to root, and is the same archive each time", () => {
    const listed = spawnSync("cpio", ["--list", "--verbose", "--numeric-uid-gid", "--quiet"], {
      input: renderArchive(KEYS),
      encoding: "utf8",
      env: { ...process.env, TZ: "UTC", LC_ALL: "C" },
    });
    for (const line of listed.stdout.trim().split("\n")) assert.match(line, /^\S+ +1 0 +0 .* Jan {2}1 {2}1970 /);
    assert.ok(renderArchive(KEYS).equals(renderArchive(KEYS)));
  });

  it("keeps four-byte alignment after any content, as the kernel's unpacker needs it", () => {
    for (const length of [0, 1, 2, 3, 4, 5])
      assert.equal(renderArchive([{ path: "a", mode: 0o600, content: "x".repeat(length) }]).length % 4, 0);
  });

  it("whatever contents and names: cpio finds what was packed", () => {
    const name = fc.string({ unit: fc.constantFrom("a", "b", "-", "_", "ä", " "), minLength: 1, maxLength: 12 });
    const files = fc.uniqueArray(
      fc.record({
        path: name.map((each) => `flint/x${each}`),
        mode: fc.constantFrom(0o600, 0o644),
        content: fc.string({ unit: "grapheme" }),
      }),
      { selector: (file) => file.path, minLength: 1, maxLength: 4 },
    );
    fc.assert(
      fc.property(files, (packed) => {
        const unpacked = unpack(renderArchive(packed));
        for (const file of packed)
          assert.equal(unpacked.get(file.path), `file ${file.mode.toString(8).padStart(4, "0")} ${file.content}`);
        assert.equal(unpacked.size, packed.length + 1);
      }),
      { numRuns: 15 },
    );
  });
});
