import { spawn } from "node:child_process";
import { openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { FlintError } from "../../foundation/errors.js";
import { waitUntil } from "../../foundation/wait.js";
import type { Accelerator } from "./accelerator.js";
import { askDaemon } from "./control-client.js";
import type { Layout } from "./layout.js";
import { inNamespace } from "./namespace.js";
import { endProcesses, ownedBy, ownedProcesses } from "./owned-processes.js";
import { privateDirectory } from "./private-files.js";

/** Ends machines that the rack file no longer has, and IPMI that it no longer has for one. */
export async function endStrayMachines(
  layout: Layout,
  machines: readonly { name: string; ipmi: boolean }[],
): Promise<void> {
  const wanted = new Set(machines.flatMap(({ name, ipmi }) => [`machine ${name}`, ...(ipmi ? [`ipmi ${name}`] : [])]));
  const stray = ownedProcesses(layout.dir).filter(({ role }) => /^(machine|ipmi) /.test(role) && !wanted.has(role));
  await endProcesses(
    layout.dir,
    stray.map(({ pid }) => pid),
    3000,
  );
}

/**
 * Starts the rack's daemon unless it answers; one that does not answer, or that read an older rack file or older
 * keys (`fresh`), is replaced. Machines keep running meanwhile. True when it was started.
 */
export async function ensureDaemon(layout: Layout, accelerator: Accelerator, fresh: boolean): Promise<boolean> {
  const running = ownedProcesses(layout.dir).filter(({ role }) => role === "daemon");
  if (running.length > 0 && !fresh && (await answers(layout))) return false;
  await endProcesses(
    layout.dir,
    running.map(({ pid }) => pid),
    3000,
  );
  privateDirectory(join(layout.dir, "run"), join(layout.dir, "log"));
  const [command, args] = inNamespace(layout, [
    process.execPath,
    join(__dirname, "daemon.js"),
    layout.rack,
    accelerator,
  ]);
  const log = openSync(layout.daemonLog, "a", 0o600);
  const child = spawn(command, args, {
    detached: true,
    stdio: ["ignore", log, log],
    cwd: layout.dir, // short relative paths for sockets
    env: { PATH: process.env.PATH, ...ownedBy(layout.dir, "daemon") },
  });
  child.unref();
  await waitUntil(
    async () => {
      if (child.exitCode !== null) throw stopped(layout);
      return answers(layout);
    },
    {
      reason: `daemon of rack ${layout.rack}`,
      deadlineMs: 60_000,
      intervalMs: 100,
      remedy: `Read ${layout.daemonLog}.`,
      code: "RACK_DAEMON",
    },
  );
  return true;
}

async function answers(layout: Layout): Promise<boolean> {
  try {
    await askDaemon(layout, { do: "status" });
    return true;
  } catch {
    return false;
  }
}

function stopped(layout: Layout): FlintError {
  return new FlintError("RACK_DAEMON", {
    subject: `daemon of rack ${layout.rack}`,
    expected: "a process that runs",
    found: `that it stopped: ${readFileSync(layout.daemonLog, "utf8").trim().split("\n").at(-1)}`,
    remedy: `Read ${layout.daemonLog}.`,
  });
}
