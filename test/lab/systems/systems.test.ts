import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { rackFlake } from "../../../lab/rack/rack-flake.js";
import { CHECKOUT, CLUSTER, clusterFile, nodeEntry } from "../../nix/nix-evaluation.js";

const run = promisify(execFile);

async function nix(command: string[], nodes: Record<string, unknown>, attributes: string[]): Promise<string> {
  const file = clusterFile({ version: 1, cluster: CLUSTER, nodes });
  try {
    const flake = rackFlake(CHECKOUT, file.path);
    const { stdout } = await run("nix", [...command, ...flake.options, ...attributes.map(flake.output)], {
      timeout: 110_000,
    });
    return stdout.trim();
  } finally {
    file.remove();
  }
}
const build = async (nodes: Record<string, unknown>, ...attributes: string[]) =>
  (await nix(["build", "--no-link", "--print-out-paths"], nodes, attributes)).split("\n");
const system = (node: string) => `nixosConfigurations.${node}.config.system.build.toplevel`;
const drvPath = (nodes: Record<string, unknown>, attribute: string) =>
  nix(["eval", "--raw"], nodes, [`${attribute}.drvPath`]);

describe("Systems of the virtual rack", function () {
  this.timeout(120_000);

  it("have what switching, booting and Flint's probes look for", async () => {
    const [toplevel = ""] = await build({ node01: nodeEntry(1) }, system("node01"));
    for (const file of [
      "kernel",
      "initrd",
      "usr",
      "init",
      "activate",
      "bin/switch-to-configuration",
      "systemd-boot.efi",
    ])
      assert.ok(statSync(join(toplevel, file)).isFile(), file);
    assert.equal(readFileSync(join(toplevel, "system"), "utf8"), "x86_64-linux");
    assert.match(readFileSync(join(toplevel, "kernel-params"), "utf8"), /^root=PARTLABEL=flint-1a2b3c4d-root /);
    const node = JSON.parse(readFileSync(join(toplevel, "etc/flint/node.json"), "utf8"));
    assert.partialDeepStrictEqual(node, { name: "node01", cluster: CLUSTER, labels: { rack: "a1" } });
  });

  it("have units that systemd accepts", async () => {
    const [toplevel = ""] = await build({ node01: nodeEntry(1) }, system("node01"));
    const folder = join(toplevel, "etc/systemd/system");
    const units = readdirSync(folder).filter((file) => file.endsWith(".service") && file !== "sshd.service");
    assert.equal(units.length, 9);
    const { stderr } = await run(
      "systemd-analyze",
      ["verify", "--man=no", "--generators=no", ...units.map((unit) => join(folder, unit))],
      { env: { ...process.env, SYSTEMD_UNIT_PATH: `${folder}:/usr/lib/systemd/system:/lib/systemd/system` } },
    );
    assert.equal(
      stderr
        .split("\n")
        .filter((line) => line.includes(toplevel))
        .join("\n"),
      "",
    );
  });

  it("run the services as users of their own, who can read their keys and nobody else's", async () => {
    const [toplevel = ""] = await build({ node01: nodeEntry(1) }, system("node01"));
    const users = readFileSync(join(toplevel, "etc/passwd"), "utf8");
    for (const service of ["chainfire", "flaredb", "iam", "plasmavmc"]) {
      const unit = readFileSync(join(toplevel, `etc/systemd/system/${service}.service`), "utf8");
      assert.match(unit, new RegExp(`^User=${service}$`, "m"));
      assert.match(unit, /^LoadCredential=node\.key:\/etc\/nixos\/secrets\/node\.key$/m);
      assert.match(users, new RegExp(`^${service}:x:90\\d:90\\d:`, "m"));
    }
  });

  it("hold no private key, nor anything else that is secret", async () => {
    const [toplevel = ""] = await build({ node01: nodeEntry(1) }, system("node01"));
    const { stdout } = await run("nix-store", ["--query", "--requisites", toplevel]);
    const paths = stdout.trim().split("\n");
    assert.ok(paths.length > 3);
    const scan = await run("sh", [join(CHECKOUT, "nix/checks/store-secrets.sh"), ...paths]);
    assert.equal(scan.stdout, `store-secrets: no secret in ${paths.length} paths\n`);
  });

  it("do not change when another node is added", async () => {
    const alone = { node01: nodeEntry(1) };
    const together = { ...alone, node04: nodeEntry(4) };
    for (const attribute of [system("node01"), "nixosConfigurations.node01.config.system.build.diskoScript"])
      assert.equal(await drvPath(together, attribute), await drvPath(alone, attribute));
  });

  it("change with a label, and only in what says so", async () => {
    const [before = ""] = await build({ node01: nodeEntry(1) }, system("node01"));
    const [after = ""] = await build({ node01: nodeEntry(1, { labels: { rack: "b2" } }) }, system("node01"));
    assert.notEqual(after, before);
    for (const same of ["unit-checksums", "kernel-params", "etc-links"])
      assert.equal(readFileSync(join(after, same), "utf8"), readFileSync(join(before, same), "utf8"), same);
  });

  it("write to the declared disk only: its script looks for the serial first", async () => {
    const [script = ""] = await build(
      { node01: nodeEntry(1) },
      "nixosConfigurations.node01.config.system.build.diskoScript",
    );
    const text = readFileSync(script, "utf8");
    const found = text.indexOf("sh -s -- --mark 'flint-1a2b3c4d' --disk system --serial 'DISK-dev-01' --link");
    assert.ok(found > 0 && found < text.indexOf("wipefs"));
    assert.ok((statSync(script).mode & 0o111) !== 0);
  });

  it("boot an installer whose manifest tells its sizes and checksums", async () => {
    const [image = ""] = await build({}, "packages.x86_64-linux.netboot-worker");
    const manifest = JSON.parse(readFileSync(join(image, "manifest.json"), "utf8"));
    assert.partialDeepStrictEqual(manifest, {
      version: 1,
      arch: "x86_64",
      kernel: { file: "bzImage" },
      initrd: { file: "initrd" },
    });
    for (const { file, size, sha256 } of [manifest.kernel, manifest.initrd]) {
      assert.equal(statSync(join(image, file)).size, size);
      const { stdout } = await run("sha256sum", [join(image, file)]);
      assert.equal(stdout.slice(0, 64), sha256);
    }
    assert.match(manifest.cmdline, / flint\.profile=worker$/);
  });
});
