/**
 * Ends this process, after its `exit` listeners: by SIGKILL, which is certain. `process.exit` waits for V8's compiler threads, and
 * one of those that needs a collection waits for this thread (nodejs/node#54918): such a process stays for ever.
 */
export function endProcess(code: number): void {
  process.exitCode = code;
  try {
    process.emit("exit", code);
  } finally {
    process.kill(process.pid, "SIGKILL"); // whatever a listener throws: who catches that would live on
  }
}
