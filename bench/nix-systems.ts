import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { execa } from "execa";
import { z } from "zod";
import type { ClusterArgs } from "../components/cluster/args.js";
import { planCluster } from "../components/cluster/plan.js";
import { readCluster } from "../components/cluster/problems.js";
import { CHECKOUT } from "../lab/demo/commands.js";
import { type RackFlake, rackFlake } from "../lab/rack/rack-flake.js";
import { sampleCluster, sampleNode } from "../test/components/cluster/sample.js";
import { timed } from "./measured-job.js";

const statisticsSchema = z.object({ cpuTime: z.number(), gc: z.object({ totalBytes: z.number() }) });

/** The rack's systems of a cluster with so many machines, planned by the component; each instance's are new to nix. */
export class NixSystems {
  private readonly flake: RackFlake;

  private constructor(
    private readonly directory: string,
    private readonly names: string[],
    folder?: string,
  ) {
    this.flake = rackFlake(CHECKOUT, path.join(directory, "cluster.json"), folder);
  }

  /** @param count How many machines. @param fresh Nothing of their systems but the packages' files was built before. */
  static async of(count: number, fresh = false): Promise<NixSystems> {
    const directory = await mkdtemp(path.join(tmpdir(), "flint-bench-nix-"));
    const args = clusterOf(count, path.basename(directory));
    const { cluster, problems } = readCluster(args);
    if (cluster === undefined) throw new Error(`the cluster is unsound: ${JSON.stringify(problems)}`);
    const plan = planCluster(cluster);
    const nodes = Object.fromEntries(
      Object.entries(plan.nodes).map(([name, { data }]) => [name, { ...data, sshAuthorizedKeys: [LOGIN_KEY] }]),
    );
    const content = { version: 1, cluster: { name: cluster.name, domain: cluster.domain }, nodes };
    await writeFile(path.join(directory, "cluster.json"), JSON.stringify(content));
    return new NixSystems(directory, Object.keys(nodes), fresh ? await unbuiltFlake(directory) : undefined);
  }

  /** Evaluates every machine's system in one process. Seconds of processor time, and MB that it allocated. */
  async evaluate(): Promise<{ seconds: number; mb: number }> {
    const file = path.join(this.directory, "statistics.json");
    const all = "builtins.mapAttrs (_: node: node.config.system.build.toplevel.drvPath)";
    await this.nix(
      ["eval", "--json", "--option", "eval-cache", "false", "--apply", all, this.flake.output("nixosConfigurations")],
      {
        NIX_SHOW_STATS: "1",
        NIX_SHOW_STATS_PATH: file,
      },
    );
    const { cpuTime, gc } = statisticsSchema.parse(JSON.parse(await readFile(file, "utf8")));
    return { seconds: cpuTime, mb: gc.totalBytes / 1e6 };
  }

  /** Seconds of one `nix build` of all systems. */
  build(): Promise<number> {
    const systems = this.names.map((name) =>
      this.flake.output(`nixosConfigurations.${name}.config.system.build.toplevel`),
    );
    return timed(() => this.nix(["build", "--no-link", ...systems]));
  }

  /** Bytes of the installer's initrd, by its manifest. */
  async installerBytes(): Promise<number> {
    const out = await this.nix([
      "build",
      "--no-link",
      "--print-out-paths",
      this.flake.output("packages.x86_64-linux.netboot-control-plane"),
    ]);
    const manifest: unknown = JSON.parse(await readFile(path.join(out.trim(), "manifest.json"), "utf8"));
    return z.object({ initrd: z.object({ size: z.number() }) }).parse(manifest).initrd.size;
  }

  async remove(): Promise<void> {
    await rm(this.directory, { recursive: true, force: true });
  }

  private async nix(command: string[], env: Record<string, string> = {}): Promise<string> {
    const argv = [...command, ...this.flake.options];
    const { stdout } = await execa("nix", argv, { env, stdin: "ignore", timeout: 600_000 });
    return stdout;
  }
}

/** A copy of the flake whose builder is another one: what all machines have in common is built with the first of them. */
async function unbuiltFlake(directory: string): Promise<string> {
  const folder = path.join(directory, "flake");
  await cp(path.join(CHECKOUT, "lab/systems"), folder, { recursive: true });
  const builder = path.join(folder, "lib/run.nix");
  const text = await readFile(builder, "utf8");
  const salted = text.replace("inherit (blobs) busybox;", `$& unbuilt = "${path.basename(directory)}";`);
  if (salted === text) throw new Error(`${builder} has no line that names busybox: nothing would be built anew`);
  await writeFile(builder, salted);
  return folder;
}

const LOGIN_KEY = "ssh-ed25519 AAAA bench";

function clusterOf(count: number, salt: string): ClusterArgs {
  return sampleCluster((cluster) => {
    for (let n = 1; n <= count; n++) {
      // Beside the sample's own addresses, which are too few for a hundred BMCs.
      const bmc = { redfish: `https://10.0.101.${n}` };
      cluster.nodes[`node${String(n).padStart(2, "0")}`] = sampleNode(n, { bmc, labels: { salt } });
    }
    for (const name of Object.keys(cluster.nodes).slice(count)) delete cluster.nodes[name];
  });
}
