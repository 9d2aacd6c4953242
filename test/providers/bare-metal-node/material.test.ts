import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, lstatSync, readFileSync } from "node:fs";
import path from "node:path";
import { writeExtraFiles } from "../../../providers/bare-metal-node/extra-files.js";
import {
  digestOf,
  digestsOf,
  joining,
  materialFiles,
  wantedDigests,
} from "../../../providers/bare-metal-node/material.js";

const files = materialFiles({
  material: { key: "KEY", hostKey: "HOST KEY" },
  ca: "CA\n",
  cert: "CERT",
  hostKeyPublic: "ssh-ed25519 AAAA",
  config: { version: 1, node_id: "node04" },
});

describe("BareMetalNode: files that do not pass through the nix store", () => {
  it("each has its place and mode; every private one is 0600; every file ends with a line's end", () => {
    assert.deepEqual(
      files.map((file) => [file.path, file.mode.toString(8), file.content]),
      [
        ["/etc/nixos/secrets/ca.crt", "644", "CA\n"],
        ["/etc/nixos/secrets/node.crt", "644", "CERT\n"],
        ["/etc/nixos/secrets/node.key", "600", "KEY\n"],
        ["/etc/nixos/secrets/cluster-config.json", "600", '{\n  "version": 1,\n  "node_id": "node04"\n}\n'],
        ["/etc/ssh/ssh_host_ed25519_key", "600", "HOST KEY\n"],
        ["/etc/ssh/ssh_host_ed25519_key.pub", "644", "ssh-ed25519 AAAA\n"],
      ],
    );
  });

  it("a data disk's key is the node's secret too, where it has one", () => {
    const material = { key: "", hostKey: "", dataKey: "correct horse battery" };
    const all = materialFiles({ material, config: {}, ca: "", cert: "", hostKeyPublic: "" });
    const [key] = all.filter((file) => file.path.endsWith("data.key"));
    assert.deepEqual(key, { path: "/etc/nixos/secrets/data.key", mode: 0o600, content: "correct horse battery\n" });
  });

  it("a machine that joined, though it is declared to form the cluster, has what is declared", () => {
    const want = {
      material: { key: "KEY", hostKey: "HOST KEY" },
      ca: "CA",
      cert: "CERT",
      hostKeyPublic: "PUBLIC",
      config: { version: 1, bootstrap: true, node_id: "node01" },
    };
    const config = "/etc/nixos/secrets/cluster-config.json";
    const [declared, joined, other] = [want, joining(want), { ...want, config: { bootstrap: true } }].map((each) =>
      digestsOf(materialFiles(each)),
    );
    assert.ok(declared && joined && other);
    assert.match(materialFiles(joining(want))[3]?.content ?? "", /"bootstrap": false/);
    assert.deepEqual(wantedDigests(want, {}), declared);
    assert.deepEqual(wantedDigests(want, declared), declared);
    assert.deepEqual(wantedDigests(want, joined), joined);
    assert.equal(wantedDigests(want, other)[config], declared[config]);
  });

  it("a digest is what sha256sum prints", () => {
    const printed = execFileSync("sha256sum", { input: "CERT\n", encoding: "utf8" });
    assert.equal(`${digestOf("CERT\n")}  -\n`, printed);
  });

  for (const mask of [0o022, 0o077, 0o000])
    it(`with the umask ${mask.toString(8).padStart(3, "0")} the installed machine gets the same modes`, async () => {
      const before = process.umask(mask);
      const extra = await writeExtraFiles(files).finally(() => process.umask(before));
      try {
        const mode = (at: string) => (lstatSync(path.join(extra.root, at)).mode & 0o7777).toString(8);
        assert.deepEqual([".", "..", "etc", "etc/ssh", "etc/nixos", "etc/nixos/secrets"].map(mode), [
          "755",
          "700",
          "755",
          "755",
          "755",
          "700",
        ]);
        for (const file of files) {
          assert.equal(mode(file.path), file.mode.toString(8), file.path);
          assert.equal(readFileSync(path.join(extra.root, file.path), "utf8"), file.content);
        }
      } finally {
        await extra.dispose();
      }
      assert.equal(existsSync(path.dirname(extra.root)), false);
    });
});
