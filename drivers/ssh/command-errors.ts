import { FlintError, messageFrom } from "../../foundation/errors.js";
import { redact } from "../../foundation/redact.js";
import { seconds } from "../../foundation/wait.js";
import type { HostTarget } from "./target.js";

/** What went wrong with which command on which machine. */
interface Named {
  target: HostTarget;
  name: string;
}

const subjectOf = ({ target, name }: Named) => `${target.name}, ${redact(name)}`;

const FULL = /no space left|disk quota exceeded/i;

/** @param how "exit code 3" or "killed by KILL". The last lines of `stderr` are told, redacted. */
export function commandFailed(command: Named, how: string, stderr: string): FlintError {
  const said = stderr
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "")
    .slice(-5)
    .join("; ");
  return new FlintError("SSH_COMMAND", {
    subject: subjectOf(command),
    expected: "success",
    found: said === "" ? `${how} and no message` : `${how}: ${redact(said)}`,
    remedy: FULL.test(said)
      ? `Free space on ${command.target.name} (df -h), then run the update again: it goes on from here.`
      : `Look at ${command.target.name} (journalctl -e) for the cause, then run the update again.`,
  });
}

export function commandDeadline(command: Named, deadlineMs: number): FlintError {
  return new FlintError("SSH_DEADLINE", {
    subject: subjectOf(command),
    expected: `an end within ${seconds(deadlineMs)}`,
    found: "a command that still runs; it was sent SIGHUP",
    remedy: `Check what ${command.target.name} is busy with, then run the update again.`,
  });
}

export function outputTooLong(command: Named, maxBytes: number): FlintError {
  return new FlintError("SSH_COMMAND", {
    subject: subjectOf(command),
    expected: `at most ${maxBytes / 1024 / 1024} MiB of output`,
    found: "more",
    remedy: "Have the command write to a file instead.",
  });
}

export function commandNotStarted(command: Named, cause: Error): FlintError {
  return new FlintError("SSH_COMMAND", {
    subject: subjectOf(command),
    expected: "a channel for the command",
    found: messageFrom(cause),
    remedy: `Check MaxSessions and the free memory of sshd on ${command.target.name}.`,
    cause,
  });
}

export function connectionLost(command: Named, cause?: unknown): FlintError {
  return new FlintError("SSH_CONNECTION_LOST", {
    subject: subjectOf(command),
    expected: "an answer",
    found: "a connection that ended before it",
    remedy: `Check that ${command.target.name} is up and reachable, then run the update again.`,
    cause,
  });
}
