import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { z } from "zod";
import { HOST } from "../../../lab/simulated/addresses.js";
import type { LaunchedRack } from "../../../lab/simulated/launch.js";
import { RACK_FILES } from "../../../lab/simulated/rack.js";
import type { holderSchema } from "./lock-holder.js";

type Order = z.input<typeof holderSchema>;

/** Whoever works on node04 by another provisioning host. */
export const OTHER: Order["owner"] = {
  ...{ who: "bob@ops2", stack: "other", purpose: "update of node04", since: "2026-11-28T05:06:07.000Z" },
  ...{ place: "ops2 some boot some container", pid: 4711, started: "1" },
};

/** The environment of a run that takes their locks over. */
export const TAKE_OVER = { FLINT_TAKE_OVER: "c0ffee" };

/** Starts somebody else's process, which takes a lock. Resolves when it is held. */
export async function startHolder(rack: LaunchedRack, order: Omit<Order, "owner">): Promise<ChildProcess> {
  const [command, words] = rack.inside([process.execPath, join(__dirname, "lock-holder.js")]);
  const holder = spawn(command, words, { stdio: ["pipe", "pipe", "inherit"] });
  holder.stdin.end(JSON.stringify({ ...order, owner: OTHER }));
  const [line] = await Promise.race([once(createInterface(holder.stdout), "line"), once(holder, "exit")]);
  assert.equal(line, "taken");
  return holder;
}

/** The same, with the lock that the provisioning host keeps for a cluster. */
export function lockCluster(rack: LaunchedRack, cluster: string, seconds: number): Promise<ChildProcess> {
  const file = (name: string) => readFileSync(join(rack.directory, name), "utf8");
  const machine = {
    ...{ name: "pxe1", host: HOST, user: "root" },
    privateKey: file(RACK_FILES.operatorKey),
    hostKeys: [file(`${RACK_FILES.hostKey}.pub`).trim()],
  };
  return startHolder(rack, { machine, path: `/run/flint/${cluster}.lock`, seconds, renews: false });
}
