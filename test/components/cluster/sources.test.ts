import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { directoryDigest } from "../../../components/cluster/digest.js";
import { readCluster } from "../../../components/cluster/problems.js";
import { namedSourceProblems, readSources } from "../../../components/cluster/sources.js";
import { nodeOf, SAMPLE_PRIVATE_KEY, SAMPLE_PUBLIC_KEY, type SampleCluster, sampleCluster } from "./sample.js";

describe("what a configuration names", () => {
  let directory = "";
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), "flint-sources-"));
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  function read(change: (cluster: SampleCluster) => void) {
    const { cluster, problems } = readCluster(sampleCluster(change));
    assert.deepEqual(problems, []);
    if (cluster === undefined) throw new Error("unsound sample");
    return readSources(cluster, directory);
  }
  const told = (change: (cluster: SampleCluster) => void) =>
    read(change).problems.map(({ path, found, remedy }) => `${path}: ${found} → ${remedy}`);

  it("takes secrets from files below the project, without the line break at their end", () => {
    writeFileSync(join(directory, "password"), "hunter22\n");
    writeFileSync(join(directory, "key"), SAMPLE_PRIVATE_KEY);
    writeFileSync(
      join(directory, "key.pub"),
      `# as ssh-keyscan prints them\n${SAMPLE_PUBLIC_KEY}\n10.0.100.1 ${SAMPLE_PUBLIC_KEY}\n`,
    );
    const { sources, problems } = read((cluster) => {
      cluster.bmc = { username: "admin", password: { file: "password" } };
      Object.assign(cluster.pxe.host, { privateKey: { file: "key" }, hostKey: { file: "key.pub" } });
    });
    assert.deepEqual(problems, []);
    assert.deepEqual(sources.bmc.node01, {
      type: "redfish",
      url: "https://10.0.100.150",
      username: "admin",
      password: "hunter22",
    });
    assert.deepEqual(sources.host, {
      host: "10.0.100.1",
      user: "root",
      port: 22,
      privateKey: SAMPLE_PRIVATE_KEY.trimEnd(),
      hostKeys: [SAMPLE_PUBLIC_KEY, SAMPLE_PUBLIC_KEY],
    });
  });

  it("lets a node's own BMC access win over the common one, and a fingerprint over a common CA", () => {
    const fingerprint = Array(32).fill("ab").join(":");
    const { sources } = read((cluster) => {
      cluster.bmc = { username: "admin", password: "common", ca: "-----BEGIN CERTIFICATE-----" };
      nodeOf(cluster, "node02").bmc = {
        ...{ redfish: "https://10.0.100.151/", password: "own", fingerprint },
        chassis: "rack1-left",
      };
      nodeOf(cluster, "node03").bmc = { manual: true };
      nodeOf(cluster, "node01").bmc = { wakeOnLan: true };
    });
    assert.deepEqual(sources.bmc.node02, {
      type: "redfish",
      url: "https://10.0.100.151",
      username: "admin",
      password: "own",
      fingerprint: "AB".repeat(32),
      chassis: "rack1-left",
    });
    assert.deepEqual(sources.bmc.node03, { type: "manual" });
    assert.deepEqual(sources.bmc.node01, { type: "wake-on-lan" });
  });

  it("reads access to an IPMI BMC, and refuses a name or password that IPMI would cut", () => {
    const ipmi =
      (password: string, username = "admin") =>
      (cluster: SampleCluster) => {
        cluster.bmc = { username, password: "common" };
        nodeOf(cluster, "node02").bmc = {
          ...{ ipmi: "BMC02.example.com:6230", password },
          ...{ cipherSuite: 17, chassis: "rack1-left" },
        };
      };
    assert.deepEqual(read(ipmi("own")).sources.bmc.node02, {
      type: "ipmi",
      host: "bmc02.example.com",
      port: 6230,
      username: "admin",
      password: "own",
      cipherSuite: 17,
      chassis: "rack1-left",
    });
    assert.deepEqual(told(ipmi("correct horse battery", "administrator-of-all")), [
      "bmc.username: 20 bytes → Give the BMC's account a shorter username, or reach it by redfish.",
      "nodes.node02.bmc.password: 21 bytes → Give the BMC's account a shorter password, or reach it by redfish.",
    ]);
  });

  it("takes the key of an encrypted data disk, and refuses one that is soon guessed", () => {
    const key = (value: string) => (cluster: SampleCluster) => {
      nodeOf(cluster, "node02").disk = { serial: "A", data: { serial: "B", key: value } };
    };
    assert.deepEqual(read(key("correct horse battery")).sources.dataKeys, { node02: "correct horse battery" });
    assert.deepEqual(told(key("secret")), [
      "nodes.node02.disk.data.key: a key of 6 characters → Make one with `openssl rand -base64 32`.",
    ]);
  });

  it("names every missing file and variable at once, a common one only once", () => {
    delete process.env.FLINT_TEST_ABSENT;
    writeFileSync(join(directory, "empty"), "\n");
    assert.deepEqual(
      told((cluster) => {
        cluster.bmc = { username: "admin", password: { env: "FLINT_TEST_ABSENT" }, ca: { file: "empty" } };
        cluster.pxe.host.privateKey = { file: "absent" };
        cluster.pxe.host.hostKey = "ssh-dss AAAA";
        cluster.system = { flake: "./nix", inputs: { flint: "./absent", nixpkgs: "github:NixOS/nixpkgs" } };
      }),
      [
        "pxe.host.privateKey: the file absent does not exist → Create it, or name another.",
        'pxe.host.hostKey: "ssh-dss AAAA" → Take it from `ssh-keyscan HOST` or from a .pub file, and compare its fingerprint with the machine\'s console.',
        "bmc.ca: the file empty is empty → Fill it, or name another.",
        "bmc.password: the variable FLINT_TEST_ABSENT is not set → Set FLINT_TEST_ABSENT.",
        "system.flake: the directory ./nix does not exist → Create it, or name another.",
        "system.inputs.flint: the directory ./absent does not exist → Create it, or name another.",
      ],
    );
  });

  it("names missing files of a configuration that is wrong elsewhere too", () => {
    const args = sampleCluster((cluster) => {
      cluster.name = "Not A Name";
      cluster.pxe.host.privateKey = { file: "absent" };
    });
    assert.deepEqual(
      namedSourceProblems(args, directory).map(({ path, found }) => `${path}: ${found}`),
      ["pxe.host.privateKey: the file absent does not exist"],
    );
    const more = sampleCluster((cluster) => {
      Object.assign(cluster.pxe.host, { hostKey: "AAAA", privateKey: { file: "absent" } });
      cluster.system = { flake: "./nowhere" };
      Object.assign(cluster, { name: "East" });
    });
    assert.deepEqual(
      namedSourceProblems(more, directory).map(({ path, found }) => `${path}: ${found}`),
      [
        "pxe.host.privateKey: the file absent does not exist",
        'pxe.host.hostKey: "AAAA"',
        "system.flake: the directory ./nowhere does not exist",
      ],
    );
    for (const nothing of [undefined, "text", [], { pxe: 1, system: [] }])
      assert.deepEqual(namedSourceProblems(nothing, directory), []);
  });

  it("refuses a public key in the place of a private one, and a flake directory without flake.nix", () => {
    mkdirSync(join(directory, "nix"));
    assert.deepEqual(
      told((cluster) => {
        cluster.pxe.host.privateKey = SAMPLE_PUBLIC_KEY;
        cluster.system.flake = "./nix";
      }),
      [
        "pxe.host.privateKey: text that is no private key → Name the private key's file, not the .pub file.",
        'system.flake: "./nix" has no flake.nix → Name the directory that holds the flake.',
      ],
    );
  });

  it("sees a change of the system in any file's content, name or executable bit, and in the inputs", () => {
    const nix = join(directory, "nix");
    mkdirSync(nix);
    const digest = (inputs: Record<string, string> = {}) =>
      read((cluster) => Object.assign(cluster, { system: { flake: "./nix", inputs } })).sources.system.digest;
    const seen = [""];
    const changed = (what: string, value = digest()) => {
      assert.equal(seen.includes(value), false, what);
      seen.push(value);
    };
    writeFileSync(join(nix, "flake.nix"), "{}");
    changed("first");
    writeFileSync(join(nix, "flake.nix"), "{ }");
    changed("content");
    writeFileSync(join(nix, "b.nix"), "");
    changed("another file");
    execFileSync("chmod", ["+x", join(nix, "b.nix")]);
    changed("executable");
    symlinkSync("b.nix", join(nix, "c.nix"));
    changed("link");
    changed("input", digest({ nixpkgs: "github:NixOS/nixpkgs/nixos-25.11" }));
    changed("input's other reference", digest({ nixpkgs: "github:NixOS/nixpkgs/nixos-26.05" }));
  });

  it("does not see .git, node_modules and build results", () => {
    writeFileSync(join(directory, "flake.nix"), "{}");
    const before = directoryDigest(directory);
    for (const name of [".git", "node_modules", ".direnv", "result-1"]) {
      mkdirSync(join(directory, name));
      writeFileSync(join(directory, name, "file"), name);
    }
    symlinkSync("/nix/store/x", join(directory, "result"));
    assert.equal(directoryDigest(directory), before);
  });

  it("refuses a data directory as a flake instead of reading it all", () => {
    writeFileSync(join(directory, "flake.nix"), "{}");
    execFileSync("truncate", ["-s", "65M", join(directory, "disk.img")]);
    assert.deepEqual(
      told((cluster) => Object.assign(cluster, { system: { flake: "." } })),
      [
        'system.flake: "." has more than 64 MiB → Move the flake into a directory of its own, without data and build results.',
      ],
    );
  });
});
