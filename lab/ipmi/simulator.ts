import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type IpmiBmc, renderEmulation, renderLan } from "./configuration.js";

/** Where ipmi_sim's files are, and how its process is to be known. */
export interface SimulatorPlace {
  /** For the owner only: the password is in it. Made when missing. */
  directory: string;
  /** Added to the environment. */
  env?: Record<string, string>;
}

/** OpenIPMI's ipmi_sim in front of one machine. */
export class IpmiSimulator {
  private constructor(private readonly child: ChildProcess) {}

  /** Starts it; it takes a moment until it answers. */
  static start(bmc: IpmiBmc, { directory, env = {} }: SimulatorPlace): IpmiSimulator {
    mkdirSync(join(directory, "state"), { recursive: true, mode: 0o700 });
    writeFileSync(join(directory, "lan.conf"), renderLan(bmc), { mode: 0o600 });
    writeFileSync(join(directory, "bmc.emu"), renderEmulation(bmc));
    const child = spawn("ipmi_sim", ["-c", "lan.conf", "-f", "bmc.emu", "-n", "-s", "state"], {
      cwd: directory,
      stdio: "ignore",
      env: { ...process.env, ...env },
    });
    child.on("error", (error) => console.error(error)); // not installed: nothing answers
    return new IpmiSimulator(child);
  }

  /** Halts its process: it takes packets and answers none, as a frozen BMC does. */
  freeze(): void {
    this.child.kill("SIGSTOP");
  }

  /** Lets it go on after `freeze`. */
  thaw(): void {
    this.child.kill("SIGCONT");
  }

  async stop(): Promise<void> {
    const { child } = this;
    if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, "exit");
    child.kill("SIGKILL");
    await ended;
  }
}
