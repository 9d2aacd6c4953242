import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { waitUntil } from "../../../foundation/wait.js";
import { endProcesses, killProcesses, ownedBy, ownedProcesses } from "../../../lab/rack/owned-processes.js";

describe("a rack's own processes", () => {
  const dir = `/nowhere/${process.pid}`;
  const started: ChildProcess[] = [];
  const start = (role: string, command: string, ...args: string[]) => {
    const child = spawn(command, args, {
      stdio: ["ignore", "pipe", "ignore"],
      env: { ...process.env, ...ownedBy(dir, role) },
    });
    started.push(child);
    return child;
  };
  afterEach(() => {
    for (const child of started.splice(0)) child.kill("SIGKILL");
  });

  it("are known by their environment, each with its role", async () => {
    const [daemon, machine] = [start("daemon", "sleep", "60"), start("machine one", "sleep", "60")];
    const roles = new Map(ownedProcesses(dir).map(({ pid, role }) => [pid, role]));
    assert.deepEqual(
      [roles.get(daemon.pid ?? 0), roles.get(machine.pid ?? 0), roles.size],
      ["daemon", "machine one", 2],
    );
  });

  it("of a container are its first one, not what that starts and what has its environment for a moment", async function () {
    if (process.getuid?.() !== 0) {
      console.log("    SKIPPED: a namespace of process numbers is made by root");
      return this.skip();
    }
    const supervisor = start(
      "container",
      "unshare",
      "--pid",
      "--fork",
      "--kill-child",
      "sh",
      "-c",
      "sleep 60 & echo ready; wait",
    );
    await once(supervisor.stdout ?? assert.fail("no stdout"), "data");
    const [first, ...more] = ownedProcesses(dir);
    assert.deepEqual([first?.role, more], ["container", []]);
    killProcesses(dir, [first?.pid ?? 0]);
    await once(supervisor, "exit");
    assert.deepEqual(ownedProcesses(dir), []);
  });

  it("that have gone by themselves are no error for who ends them", async () => {
    const child = start("daemon", "true");
    await once(child, "exit");
    killProcesses(dir, [child.pid ?? 0]);
    await endProcesses(dir, [child.pid ?? 0], 0);
    const other = start("daemon", "sleep", "60");
    await endProcesses(dir, [other.pid ?? 0], 10_000);
    await waitUntil(async () => other.signalCode === "SIGTERM", {
      reason: "its end",
      deadlineMs: 30_000,
      intervalMs: 20,
      remedy: "",
    });
  });
});
