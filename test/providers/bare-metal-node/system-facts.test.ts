import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type { SshSession } from "../../../drivers/ssh/target.js";
import { parseSystemFacts, readSystemFacts } from "../../../providers/bare-metal-node/system-facts.js";

const TOPLEVEL = "/nix/store/0123456789abcdfghijklmnpqrsvwxyz-nixos-system-node01";
const DIGEST = "a".repeat(64);
const NODE = { cluster: "dev", name: "node01", disk: { mark: "flint-1a2b3c4d", layout: "single-uefi" }, labels: {} };

const output = (sections: Record<string, string> = {}) =>
  Object.entries({
    "boot-id": "5c1a3c4e-8a3b-4a52-9d3c-0a1b2c3d4e5f",
    toplevel: TOPLEVEL,
    serial: "RACK-dev-01",
    uuid: "4C4C4544-0042-3510-8052-B4C04F564D31",
    node: JSON.stringify(NODE),
    reboot: "",
    digests: `${DIGEST}  /etc/nixos/secrets/ca.crt\n${"b".repeat(64)}  /etc/nixos/secrets/a name`,
    ...sections,
  })
    .map(([name, text]) => `\n=== ${name}\n${text}\n`)
    .join("");

describe("BareMetalNode: what an installed system says of itself", () => {
  it("who it is, what it runs, and which secrets it has", () => {
    assert.deepEqual(parseSystemFacts(output()), {
      bootId: "5c1a3c4e-8a3b-4a52-9d3c-0a1b2c3d4e5f",
      toplevel: TOPLEVEL,
      rebootNeeded: false,
      switching: false,
      unread: false,
      onTrial: false,
      machineSerial: "RACK-dev-01",
      machineUuid: "4c4c4544-0042-3510-8052-b4c04f564d31",
      digests: { "/etc/nixos/secrets/ca.crt": DIGEST, "/etc/nixos/secrets/a name": "b".repeat(64) },
      cluster: "dev",
      node: "node01",
      mark: "flint-1a2b3c4d",
    });
  });

  it("the cluster may be given by its name alone or with more about it", () => {
    const node = JSON.stringify({ ...NODE, cluster: { name: "dev", domain: "dev.example.com" } });
    assert.equal(parseSystemFacts(output({ node })).cluster, "dev");
  });

  it("a system that is not Flint's has no cluster, node or mark", () => {
    for (const node of ["", "{", "{}", '{"name":"node01"}', "[]"]) {
      const facts = parseSystemFacts(output({ node }));
      assert.deepEqual([facts.cluster, facts.node, facts.mark], [undefined, undefined, undefined], node);
    }
  });

  it("firmware without serial or UUID leaves both empty", () => {
    const { machineSerial, machineUuid } = parseSystemFacts(output({ serial: "", uuid: "" }));
    assert.deepEqual([machineSerial, machineUuid], ["", ""]);
  });

  it("a changed kernel, initrd or parameter needs a reboot", () => {
    assert.equal(parseSystemFacts(output({ reboot: "kernel\ninitrd" })).rebootNeeded, true);
  });

  it("services that run with secrets of before", () => {
    assert.equal(parseSystemFacts(output({ unread: "yes" })).unread, true);
  });

  it("a switch at work", () => {
    const unit = "flint-switch.service loaded active running [systemd-run] /bin/sh /run/flint/switch.sh";
    assert.deepEqual(
      [unit, ""].map((text) => parseSystemFacts(output({ switch: text })).switching),
      [true, false],
    );
  });

  it("a start that has no verdict yet: its check waits for its turn, or is at work", () => {
    const shown = [
      "Job=212\nActiveState=inactive",
      "ActiveState=activating",
      "ActiveState=failed",
      "ActiveState=active",
      "ActiveState=inactive",
      "Job=0",
    ];
    assert.deepEqual(
      shown.map((trial) => parseSystemFacts(output({ trial })).onTrial),
      [true, true, true, false, false, false],
    );
  });

  it("lines that are no digests are no digests", () => {
    assert.deepEqual(parseSystemFacts(output({ digests: "sha256sum: x: No such file\nabc  /etc/x" })).digests, {});
  });

  it("the script, run on this very machine: its boot id, the digests of what is there, no system of NixOS", async () => {
    const directory = mkdtempSync(path.join(tmpdir(), "flint-facts-"));
    try {
      const file = path.join(directory, "a file");
      writeFileSync(file, "content\n");
      const facts = await readSystemFacts(localSession(), [file, path.join(directory, "missing")]);
      assert.equal(facts.bootId, readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim());
      assert.deepEqual(facts.digests, { [file]: createHash("sha256").update("content\n").digest("hex") });
      assert.deepEqual([facts.toplevel, facts.rebootNeeded, facts.cluster], ["", false, undefined]);
    } finally {
      rmSync(directory, { recursive: true });
    }
  });
});

/** A session whose scripts run here. */
function localSession(): SshSession {
  const none = () => assert.fail("only scripts are expected");
  return {
    target: { name: "here", host: "127.0.0.1", privateKey: "", hostKeys: [] },
    async script(text, args = []) {
      const stdout = execFileSync("sh", ["-s", "--", ...args], { input: text, encoding: "utf8" });
      return { code: 0, stdout, stderr: "" };
    },
    exec: none,
    writeFile: none,
    writeFiles: none,
    readFiles: none,
    readFile: none,
    follow: none,
    close() {},
  };
}
