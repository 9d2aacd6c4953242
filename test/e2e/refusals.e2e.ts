// limit: 1800 s
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { execa } from "execa";
import { parse, stringify } from "yaml";
import { z } from "zod";
import { CHECKOUT, run } from "../../lab/demo/commands.js";
import { MainJob } from "../../lab/demo/main-job.js";

const stackSchema = z.object({
  config: z.object({
    "flint:cluster": z.looseObject({
      pxe: z.looseObject({ host: z.looseObject({ ssh: z.string() }) }),
      bmc: z.looseObject({ password: z.unknown() }),
      system: z.looseObject({ flake: z.string() }),
      nodes: z.record(z.string(), z.looseObject({ mac: z.string() })),
    }),
  }),
});
type ClusterFile = z.infer<typeof stackSchema>["config"]["flint:cluster"];

describe("what cannot work is refused on the rack with one clear message, and no machine is touched", function () {
  this.bail(true);
  const job = new MainJob(false);
  let stackFile = "";
  let folder = "";

  before(async function () {
    this.timeout("12 min");
    if (existsSync(path.join(CHECKOUT, ".rack/dev/rack.json"))) {
      throw new Error("rack dev is up already: take it down with `npm run rack -- down`, then start again");
    }
    folder = await mkdtemp(path.join(os.tmpdir(), "flint-refusals-"));
    stackFile = await job.stackFile();
    await job.rackUp();
  });

  after(async function () {
    this.timeout("3 min");
    await job.rackDown();
    if (stackFile !== "") await job.writeStackFile(stackFile);
    await rm(folder, { recursive: true, force: true });
  });

  afterEach(async () => {
    const { powerEvents, boots } = await job.traces();
    assert.deepEqual({ powerEvents, boots }, { powerEvents: 0, boots: 0 });
  });

  /** What `pulumi <verb>` prints with a changed stack file, when it fails as it should. */
  async function refused(verb: "preview" | "up", change: (cluster: ClusterFile) => void): Promise<string> {
    const stack = stackSchema.parse(parse(stackFile));
    const salt = z.object({ encryptionsalt: z.string().optional() }).parse(parse(await job.stackFile()));
    change(stack.config["flint:cluster"]);
    await job.writeStackFile(stringify({ ...salt, ...stack }));
    const argv = verb === "up" ? ["up", "--yes", "--skip-preview"] : ["preview"];
    const result = await execa(path.join(CHECKOUT, "scripts/pulumi"), argv, {
      reject: false,
      all: true,
      timeout: 240_000,
      env: { COLUMNS: "1000" },
    });
    assert.notEqual(result.exitCode, 0, result.all);
    return result.all;
  }

  /** Asserts that the output has the message, once told as a diagnostic, and no stack trace. */
  function tells(output: string, message: string): void {
    const plain = (text: string) => text.replace(/^\s+/gm, "");
    assert.ok(plain(output).includes(plain(message)), `expected: ${message}\nin:\n${output}`);
    assert.doesNotMatch(output, /^\s+at .*\.js:\d+/m, "a stack trace");
  }

  it("all mistakes of the stack file at once, by preview", async function () {
    this.timeout("5 min");
    const output = await refused("preview", (cluster) => {
      const { node02, node03 } = cluster.nodes;
      if (node02 === undefined || node03 === undefined) throw new Error("the stack file has no node02 and node03");
      node02.mac = "52:54:00:00:00:01";
      node03.profil = "worker";
      node03.addresses = { provisioning: "10.0.100.210", cluster: "10.9.9.9" };
    });
    tells(
      output,
      `error: cluster dev: found 4 problems. Nothing was touched.

          1. nodes.node03.profil: unknown key
             allowed: profile, bootstrap, mac, clusterMac, bond, clusterBond, addresses, disk, bmc, serial, uuid, firmware, networkBoot, bootFromDisk, kernelParams, labels, onDelete, generation, hooks
             Did you mean profile?

          2. nodes.node03.addresses.cluster: "10.9.9.9" is outside of networks.cluster, 10.0.200.0/24
             allowed: 10.0.200.1–10.0.200.254
             Take an address of the network, or correct networks.cluster.cidr.

          3. nodes.node03.addresses.provisioning: "10.0.100.210" is inside of pxe.dhcp.range, 10.0.100.200–10.0.100.250
             allowed: an address that DHCP does not give to other machines
             Take an address outside of the range, or make the range smaller.

          4. nodes.node02.mac: "52:54:00:00:00:01" is also nodes.node01.mac
             allowed: one card, one MAC
             Copy each machine's own MAC address.

          Every key is described in docs/configuration.md. [CONFIG_INVALID]`,
    );
  });

  it("a provisioning host that is not there", async function () {
    this.timeout("4 min");
    const output = await refused("up", (cluster) => {
      cluster.pxe.host.ssh = "root@10.0.100.77";
    });
    tells(output, "PXE_HOST_UNREACHABLE");
    tells(output, "10.0.100.77");
  });

  it("another DHCP server on the provisioning network", async function () {
    this.timeout("4 min");
    const server = execa(
      path.join(CHECKOUT, "scripts/rack"),
      ["exec", "--", "/usr/sbin/dnsmasq", "--keep-in-foreground", "--conf-file=/dev/null", "--port=0"].concat([
        "--interface=prov",
        "--bind-interfaces",
        "--except-interface=lo",
        "--dhcp-authoritative",
        "--dhcp-range=10.0.100.120,10.0.100.140",
        `--dhcp-leasefile=${folder}/leases`,
        `--pid-file=${folder}/pid`,
        "--user=root",
      ]),
      { reject: false, forceKillAfterDelay: 2000 },
    );
    try {
      const output = await refused("up", () => {});
      tells(
        output,
        "preparation, network 10.0.100.0/24 on host0 of the provisioning host: expected no other DHCP server but found one at 10.0.100.254 that offered 10.0.100.1",
      );
      tells(output, "[DHCP_OCCUPIED]");
    } finally {
      server.kill();
      await server;
    }
  });

  it("a flake without the attributes of a node's system", async function () {
    this.timeout("4 min");
    await writeFile(path.join(folder, "flake.nix"), "{ outputs = _: { packages.x86_64-linux = { }; }; }\n");
    const output = await refused("up", (cluster) => {
      cluster.system = { flake: folder };
    });
    tells(output, "netboot-control-plane");
    tells(output, folder);
  });

  it("a wrong BMC password", async function () {
    this.timeout("5 min");
    await writeFile(path.join(folder, "password"), "not the password\n");
    const output = await refused("up", (cluster) => {
      cluster.bmc.password = { file: path.join(folder, "password") };
    });
    for (const node of ["node01", "node02", "node03"]) tells(output, node);
    tells(output, "[BMC_AUTH]");
    assert.doesNotMatch(output, /not the password/);
  });

  it("afterwards destroy leaves nothing behind", async function () {
    this.timeout("3 min");
    await job.destroy();
    const state = await run("pulumi", ["stack", "export"], { show: false, deadlineMs: 60_000 });
    assert.doesNotMatch(state, /dynamic\/flint/);
  });
});
