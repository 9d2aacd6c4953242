import type { MachineStatus } from "./control-protocol.js";
import type { Rack } from "./schema.js";

const COLUMNS = ["machine", "power", "booted from", "ssh", "BMC", "last event"] as const;

/** The table of `rack status`. `now`: milliseconds since the epoch. */
export function statusTable(machines: readonly MachineStatus[], now: number): string {
  const rows = machines.map((one) => [
    one.name,
    one.power.toLowerCase(),
    one.bootedFrom ?? "–",
    one.ssh ?? "–",
    `https://${one.bmc}`,
    lastEvent(one, now) + faults(one),
  ]);
  const table = [[...COLUMNS], ...rows];
  const widths = COLUMNS.map((_, column) => Math.max(...table.map((row) => [...(row[column] ?? "")].length)));
  return table
    .map((row) =>
      row
        .map((cell, column) => cell + " ".repeat((widths[column] ?? 0) - [...cell].length))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

export function hostLine(rack: Rack, answers: boolean): string {
  return `provisioning host ${rack.host.name}: ${answers ? `ssh root@${rack.host.address} answers` : `no ssh at ${rack.host.address}`}`;
}

function lastEvent({ lastEvent }: MachineStatus, now: number): string {
  if (lastEvent === null) return "–";
  return `${lastEvent.text}, ${ago(now - Date.parse(lastEvent.t))} ago`;
}

function faults({ faults }: MachineStatus): string {
  const active = Object.keys(faults);
  return active.length === 0 ? "" : ` [faults: ${active.join(", ")}]`;
}

function ago(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 60 ? `${minutes} min` : `${Math.round(minutes / 60)} h`;
}
