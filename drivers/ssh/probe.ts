import { type ConnectOptions, login, type SshAnswer } from "./connect.js";
import type { SshTarget } from "./target.js";

/**
 * Tries one login and says how the host answered. `refused`: a closed port, or a connection dropped before the login (a
 * machine that boots); `timeout`: nothing answers at the address.
 * @param options.deadlineMs Default 30000: a machine that starts many services at once takes its time to greet.
 * @param options.connectMs Default 2500.
 */
export async function sshAnswers(target: SshTarget, options: ConnectOptions = {}): Promise<SshAnswer> {
  const attempt = await login(target, { deadlineMs: 30_000, connectMs: 2_500, ...options });
  if ("answer" in attempt) return attempt.answer;
  attempt.client.end();
  return "ready";
}
