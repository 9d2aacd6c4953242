import type { RetryPolicy } from "cockatiel";
import { isFlintError } from "../../../foundation/errors.js";
import type { IpmiAddress } from "./address.js";
import { failureOf } from "./answers.js";
import { failed, type IpmiName, ipmitoolMissing } from "./errors.js";

/** Seconds until ipmitool sends a packet again, and how often it does: a BMC that is not there is told after about 8 s. */
const RETRY = ["-N", "2", "-R", "3"];
/** Milliseconds for one call, whatever ipmitool is doing. */
const CALL_MS = 30_000;
/** How often a BMC is asked that says that it is busy: nothing was done then, whatever the command. */
const ATTEMPTS = 5;
/** Milliseconds until it is asked again; doubles. */
const PAUSE_MS = 1_000;

/** Runs `ipmitool -I lanplus` against one BMC. */
export class Ipmitool {
  #whileBusy: Promise<RetryPolicy> | undefined;

  constructor(
    private readonly bmc: IpmiName,
    private readonly retry: readonly string[] = RETRY,
    private readonly pauseMs: number = PAUSE_MS,
  ) {}

  /**
   * One command, as `chassis power status`; a few times where the BMC is busy, or has no session left.
   * @param what The same for a person: "the power state".
   * @returns Its standard output.
   * @throws FlintError BMC_AUTH, BMC_BUSY, BMC_CIPHER_SUITE, BMC_UNREACHABLE, BMC_REFUSED, TOOL_MISSING.
   */
  async run(command: string, what: string, signal: AbortSignal): Promise<string> {
    this.#whileBusy ??= retryPolicy(this.pauseMs);
    return (await this.#whileBusy).execute(() => this.once(command, what, signal), signal);
  }

  private async once(command: string, what: string, signal: AbortSignal): Promise<string> {
    const answer = await this.call(command.split(" "), signal);
    if (answer.ok) return answer.stdout;
    // Why there is no session is told to those who ask louder; a wrong password looks like a dead BMC otherwise.
    if (failureOf(answer.stderr) !== "no-session") throw failed(this.bmc, what, answer.stderr);
    const louder = await this.call(["-v", "chassis", "power", "status"], signal);
    throw failed(this.bmc, what, louder.ok ? answer.stderr : louder.stderr);
  }

  private async call(command: string[], signal: AbortSignal): Promise<{ ok: boolean; stdout: string; stderr: string }> {
    const { execa } = await import("execa");
    signal.throwIfAborted();
    const { password } = this.bmc.address;
    const result = await execa("ipmitool", [...accessArguments(this.bmc.address), ...this.retry, ...command], {
      // The environment is for its owner's eyes only; arguments are for everybody's.
      env: { IPMI_PASSWORD: password, IPMITOOL_PASSWORD: password, LC_ALL: "C" },
      timeout: CALL_MS,
      cancelSignal: signal,
      reject: false,
      stdin: "ignore",
    });
    signal.throwIfAborted();
    if (result.code === "ENOENT") throw ipmitoolMissing();
    const stderr = result.timedOut ? "no response" : result.stderr;
    // `chassis bootdev` exits with 0 although the BMC refused.
    const ok = result.exitCode === 0 && !/ failed: /.test(stderr);
    return { ok, stdout: result.stdout, stderr };
  }
}

async function retryPolicy(pauseMs: number): Promise<RetryPolicy> {
  const { DelegateBackoff, handleWhen, retry } = await import("cockatiel");
  return retry(
    handleWhen((error) => isFlintError(error, "BMC_BUSY")),
    {
      maxAttempts: ATTEMPTS - 1,
      backoff: new DelegateBackoff(({ attempt }) => pauseMs * 2 ** (attempt - 1)),
    },
  );
}

/** Whom to ask, and as whom. The password is not among it. */
export function accessArguments({ host, port, username, cipherSuite }: IpmiAddress): string[] {
  return [
    ...["-I", "lanplus", "-H", host, "-U", username, "-E"],
    ...(port === undefined ? [] : ["-p", String(port)]),
    // Without one, ipmitool 1.8.19 takes the best of those that the BMC lists.
    ...(cipherSuite === undefined ? [] : ["-C", String(cipherSuite)]),
  ];
}
