import { readFileSync, readlinkSync } from "node:fs";
import { hostname, userInfo } from "node:os";
import { z } from "zod";
import { startOf } from "../../../foundation/process-start.js";

/** Who holds a lock, as others are told. */
export const ownerSchema = z.object({
  /** `alice@ops1`. */
  who: z.string(),
  stack: z.string(),
  /** What it was taken for: "create of node04". */
  purpose: z.string(),
  /** ISO 8601. */
  since: z.string(),
  /** Where its process is: only there can be said whether it lives. */
  place: z.string(),
  pid: z.number(),
  /** When its process started, as the kernel counts: its number may be another's now. */
  started: z.string(),
});
export type Owner = z.infer<typeof ownerSchema>;

/** This process, as it begins to do something for the resource with this URN. */
export function thisProcess(self: string | undefined, operation: string): Owner {
  const [head = "", , , name = "the cluster"] = (self ?? "").split("::");
  return {
    who: `${userName()}@${hostname()}`,
    stack: head.replace("urn:pulumi:", ""),
    purpose: `${operation} of ${name}`,
    since: new Date().toISOString(),
    place: place(),
    pid: process.pid,
    started: startOf(process.pid) ?? "",
  };
}

/** True only where it is certain: the process was on this machine, and is there no more. */
export function isDead({ place: there, pid, started }: Owner): boolean {
  if (there !== place()) return false;
  if (started !== "") return startOf(pid) !== started;
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "ESRCH";
  }
}

/** The machine since its last start, and the container: process numbers count within one. */
function place(): string {
  return [hostname(), textOf("/proc/sys/kernel/random/boot_id"), namespace()].join(" ").trim();
}

function namespace(): string {
  try {
    return readlinkSync("/proc/self/ns/pid");
  } catch {
    return "";
  }
}

function textOf(path: string): string {
  try {
    return readFileSync(path, "utf8").trim();
  } catch {
    return "";
  }
}

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return String(process.getuid?.() ?? "somebody");
  }
}
