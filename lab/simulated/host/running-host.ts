import type { Clock } from "../clock.js";
import { Peak } from "../peak.js";
import { type RunningSshd, startSshd } from "../ssh/server.js";
import { NOT_FOUND, runCommand, type ShellCall } from "../ssh/shell.js";
import { TIMES } from "../times.js";
import { hostCommands } from "./commands.js";
import type { HostFaults } from "./faults.js";
import type { ProvisioningHost } from "./host.js";

export interface RunningHostOptions {
  host: ProvisioningHost;
  clock: Clock;
  cluster: string;
  hostKey: string;
  /** Who may log in, asked at each login. */
  authorizedKeys: () => readonly string[];
}

/** A provisioning host that is reached by ssh, and what goes wrong with it. */
export class RunningHost {
  /** Commands over ssh. */
  readonly commands = new Peak();
  private absence = new AbortController();
  private off = false;

  private constructor(
    private readonly options: RunningHostOptions,
    private readonly sshd: RunningSshd,
  ) {}

  static async start(options: RunningHostOptions): Promise<RunningHost> {
    const { host, clock, cluster, hostKey, authorizedKeys } = options;
    const commands = hostCommands(cluster);
    const run = async (call: ShellCall) => {
      await clock.sleep(TIMES.hostCommand, call.signal);
      const answer = await runCommand(commands, host, call);
      if (answer.code === NOT_FOUND) host.ledger.violate(host.name, (answer.stderr ?? "").trim());
      return answer;
    };
    const sshd = await startSshd({
      address: host.description.address,
      hostKey,
      authorizedKeys,
      onCommand: (line) => host.ledger.started(host.name, line),
      run: (call) => running.commands.counting(run)(call),
    });
    const running = new RunningHost(options, sshd);
    return running;
  }

  /** Replaces its faults: what lasts is kept, what happens once happens, and what is taken back is over. */
  async upset(faults: HostFaults): Promise<void> {
    const { host, clock } = this.options;
    host.faults = faults;
    host.ledger.add({ event: "faults", machine: host.name, ...faults });
    this.comeBack();
    if (faults.serversEnd) host.stopUnits();
    const away = faults.restarts ?? faults.sshGone;
    if (!faults.gone && away === undefined) return;
    this.sshd.refuse(true);
    if (faults.gone || faults.restarts !== undefined) {
      this.off = true;
      host.stopUnits();
      host.files.remove("/run");
    }
    if (faults.gone || away === undefined) return;
    await clock.sleep(away, this.absence.signal).then(
      () => this.comeBack(),
      () => {}, // another order came
    );
  }

  private comeBack(): void {
    this.absence.abort();
    this.absence = new AbortController();
    if (this.off) this.options.host.startEnabled();
    this.off = false;
    this.sshd.refuse(false);
  }
}
