import type { Client } from "ssh2";
import { quote } from "./quote.js";
import { SUDO } from "./sudo.js";

/**
 * Ending a remote command takes a second one: when a channel closes, sshd only closes the command's pipes, which a
 * silent process never notices, and it refuses the protocol's signal request for root ("session signalling requires
 * privilege separation", OpenSSH session.c). So each command first tells its process group, on standard error.
 */
const ANNOUNCEMENT = /^flint-process-group (\d+)\n/m;

/** The command line, preceded by the announcement. sshd makes each command the leader of its own session and group. */
export function announced(line: string): string {
  return `printf 'flint-process-group %s\\n' "$$" >&2; exec ${line}`;
}

/** Takes the announcement out of standard error. */
export function readAnnouncement(stderr: string): { group: number; rest: string } | undefined {
  const found = ANNOUNCEMENT.exec(stderr);
  return found === null ? undefined : { group: Number(found[1]), rest: stderr.replace(found[0], "") };
}

/**
 * Sends SIGHUP to process groups, all that wait in one command, so that a mass cancel needs only one more channel. What runs
 * through sudo can only be ended through it: it hands the signal on, also to a command that it gave a terminal of its own.
 */
export function hangUpOn(client: Client, sudo: boolean | undefined): (group: number) => void {
  const become = sudo === true ? `${SUDO.join(" ")} ` : "";
  const waiting = new Set<number>();
  let busy = false;
  const next = () => {
    if (busy || waiting.size === 0) return;
    const groups = [...waiting].map((group) => quote(`-${group}`)).join(" ");
    waiting.clear();
    busy = true;
    const done = () => {
      busy = false;
      next();
    };
    try {
      client.exec(`${become}kill -s HUP -- ${groups}`, (error, channel) => {
        if (error) return done();
        channel.on("close", done).resume();
        channel.stderr.resume();
      });
    } catch {
      // The connection is gone: sshd ends the commands of a broken connection by itself.
    }
  };
  return (group) => {
    waiting.add(group);
    setImmediate(next); // gathers those that the same signal cancels
  };
}
