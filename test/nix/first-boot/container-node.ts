import { execFileSync, spawn } from "node:child_process";
import { cpSync, existsSync, mkdirSync, openSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { NodePlan } from "../../../components/cluster/plan.js";
import { waitUntil } from "../../../foundation/wait.js";
import { inOwnCgroup, nspawnScope, removeCgroups } from "../../../lab/rack/container-cgroup.js";
import { endProcesses, ownedBy, ownedProcesses } from "../../../lab/rack/owned-processes.js";
import type { ContainerNetwork } from "./container-network.js";

type Unit = "chainfire-cluster-join" | "flaredb-cluster-join" | "iam-initial-setup" | "cluster-health-check";

/** One installed system in a container with its own systemd: the built files of the system, started by its own init. */
export class ContainerNode {
  private readonly machine: string;
  private readonly cards: string;

  /** @param usr The mounted /usr of the systems. @param toplevel Store path of the node's system. */
  constructor(
    readonly plan: NodePlan,
    readonly toplevel: string,
    private readonly usr: string,
    readonly directory: string,
    network: ContainerNetwork,
    number: number,
  ) {
    this.machine = `${network.namespace}-${plan.name}`;
    const { provisioning, cluster } = plan.data.networks;
    this.cards = network.plug(number, { provisioning: provisioning.mac, cluster: cluster.mac });
    for (const path of ["usr", "nix/store", "etc", "run", "tmp", "proc", "sys", "dev", "var/lib"])
      mkdirSync(join(this.root, path), { recursive: true });
    for (const path of ["bin", "sbin", "lib", "lib64"]) symlinkSync(`usr/${path}`, join(this.root, path));
    mkdirSync(this.secrets, { recursive: true, mode: 0o700 });
    execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", join(directory, "host-key")]);
    mkdirSync(join(this.root, "etc/ssh"), { recursive: true });
    cpSync(join(directory, "host-key"), join(this.root, "etc/ssh/ssh_host_ed25519_key"));
    this.configure();
  }

  get root(): string {
    return join(this.directory, "root");
  }
  /** Where its certificate and join configuration are. */
  get secrets(): string {
    return join(this.root, "etc/nixos/secrets");
  }

  /** Writes cluster-config.json, as the installation does. */
  configure(changes: Partial<NodePlan["config"]> = {}): void {
    writeFileSync(join(this.secrets, "cluster-config.json"), JSON.stringify({ ...this.plan.config, ...changes }), {
      mode: 0o600,
    });
  }

  start(): void {
    const command = [
      "systemd-nspawn",
      "--quiet",
      `--directory=${this.root}`,
      `--machine=${this.machine}`,
      `--hostname=${this.plan.name}`,
      "--register=no",
      "--capability=CAP_NET_ADMIN", // which nspawn leaves out where the namespace is given
      ...nspawnScope(),
      "--private-users=no",
      `--bind-ro=${this.usr}:/usr`,
      "--bind-ro=/nix/store",
      `--network-namespace-path=${this.cards}`,
      "--console=read-only",
      "--link-journal=no",
      "--resolv-conf=off",
      "--timezone=off",
      "--kill-signal=SIGRTMIN+3",
      ...Object.entries(ownedBy(this.directory, "container")).map(([name, value]) => `--setenv=${name}=${value}`),
      `${this.toplevel}/init`,
    ];
    const log = openSync(join(this.directory, "console"), "a");
    const [program = "", ...rest] = [...inOwnCgroup(this.machine), ...command];
    spawn(program, rest, {
      stdio: ["ignore", log, log],
      env: { PATH: process.env.PATH, ...ownedBy(this.directory, "nspawn") },
    });
  }

  /** As if its power cable was pulled. */
  async cutPower(): Promise<void> {
    const pids = ownedProcesses(this.directory).map(({ pid }) => pid);
    await endProcesses(this.directory, pids, 0);
  }

  /** Shuts down in order. */
  async shutDown(): Promise<void> {
    const nspawn = ownedProcesses(this.directory).filter(({ role }) => role === "nspawn");
    await endProcesses(
      this.directory,
      nspawn.map(({ pid }) => pid),
      30_000,
    );
    await this.cutPower();
  }

  async restart(): Promise<void> {
    await this.shutDown();
    this.start();
  }

  /** As a machine that is installed anew: nothing of its services is left. */
  forget(): void {
    for (const path of ["chainfire", "flaredb", "flint"])
      rmSync(join(this.root, "var/lib", path), { recursive: true, force: true });
  }

  hasJoined(service: "chainfire" | "flaredb"): boolean {
    return existsSync(join(this.root, `var/lib/flint/.${service}-joined`));
  }

  /** Runs a command on the node. */
  run(...command: string[]): string {
    const first = ownedProcesses(this.directory).find(({ role }) => role === "container");
    if (first === undefined) throw new Error(`${this.plan.name} does not run: ${this.console()}`);
    return execFileSync(
      "nsenter",
      [`--target=${first.pid}`, "--mount", "--pid", "--net", "--uts", "--ipc", "--root", "--wd", "--", ...command],
      { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"], timeout: 60_000, env: { PATH: "/usr/sbin:/usr/bin" } },
    );
  }

  /** What a unit wrote since the node started, a line each. */
  journal(unit: Unit): string[] {
    return this.attempt("journalctl", "--unit", unit, "--output", "cat", "--no-pager").split("\n").slice(0, -1);
  }

  /** "active", "activating" (at work, or waiting for its next attempt), "failed"; "" while the node starts. */
  state(unit: Unit): string {
    return this.attempt("systemctl", "show", "--property", "ActiveState", "--value", unit).trim();
  }

  /** Waits until a unit has ended well, or its condition says that there is nothing to do. */
  async finished(unit: Unit, seconds = 180): Promise<void> {
    await waitUntil(
      async () => {
        const properties = "ActiveState,ConditionResult,ConditionTimestampMonotonic";
        const shown = this.attempt("systemctl", "show", "--property", properties, unit);
        const skipped = /^ConditionResult=no$/m.test(shown) && /^ConditionTimestampMonotonic=[1-9]/m.test(shown);
        return /^ActiveState=active$/m.test(shown) || skipped || undefined;
      },
      {
        reason: `${unit} on ${this.plan.name}`,
        deadlineMs: seconds * 1000,
        intervalMs: 300,
        maxIntervalMs: 500,
        remedy: "",
        lastSeen: () => `${this.state(unit)}: ${this.journal(unit).slice(-5).join("; ")}`,
      },
    );
  }

  private attempt(...command: string[]): string {
    try {
      return this.run(...command);
    } catch {
      return "";
    }
  }

  private console(): string {
    return readFileSync(join(this.directory, "console"), "utf8").split("\n").slice(-5).join("; ");
  }

  async remove(): Promise<void> {
    await this.cutPower();
    await removeCgroups(this.machine);
  }
}
