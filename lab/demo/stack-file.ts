import { FlintError } from "../../foundation/errors.js";

/** The stack file with the commented block of a node in use, as a user's editor would leave it. */
export function uncommentNode(stackFile: string, node: string): string {
  const lines = stackFile.split("\n");
  const start = lines.findIndex((line) => line.trim() === `# ${node}:`);
  if (start < 0) {
    throw new FlintError("DEMO_STACK_FILE", {
      subject: "Pulumi.dev.yaml",
      expected: `a commented block "# ${node}:"`,
      found: lines.some((line) => line.trim() === `${node}:`) ? `${node} in use already` : "none",
      remedy: "Restore the file: `git checkout Pulumi.dev.yaml`.",
    });
  }
  const indent = (lines[start] ?? "").indexOf("#");
  for (let i = start; i < lines.length; i++) {
    const line = lines[i] ?? "";
    if (!line.startsWith(`${" ".repeat(indent)}# `)) break;
    lines[i] = line.slice(0, indent) + line.slice(indent + 2);
  }
  return lines.join("\n");
}

/** The stack file with another value of `labels.rack` for one node. */
export function relabel(stackFile: string, node: string, rack: string): string {
  return withinNode(stackFile, node, /labels: \{ rack: [a-z0-9]+ \}/, `labels: { rack: ${rack} }`);
}

/** The stack file with one more kernel parameter for one node. */
export function addKernelParameter(stackFile: string, node: string, parameter: string): string {
  return withinNode(stackFile, node, /kernelParams: \[(.*)\]/, `kernelParams: [$1, "${parameter}"]`);
}

/** The stack file with a generation for one node, which had none. */
export function setGeneration(stackFile: string, node: string, generation: number): string {
  return withinNode(stackFile, node, /( +)profile: /, `$1generation: ${generation}\n$1profile: `);
}

/** The stack file with what becomes of one node's machine when the node is removed. */
export function setOnDelete(stackFile: string, node: string, policy: "power-off" | "leave" | "wipe"): string {
  return withinNode(stackFile, node, /( +)profile: /, `$1onDelete: ${policy}\n$1profile: `);
}

/** The stack file without a node. */
export function removeNode(stackFile: string, node: string): string {
  const [start, end] = blockOf(stackFile, node);
  return stackFile.slice(0, start) + stackFile.slice(end);
}

/** The stack file with another machine of the rack in a node's place: its cards, disk, BMC and serial number. */
export function giveMachine(stackFile: string, node: string, machine: number): string {
  const two = String(machine).padStart(2, "0");
  const [start, end] = blockOf(stackFile, node);
  const block = stackFile
    .slice(start, end)
    .replace(/mac: 52:54:00:00:00:\d\d/, `mac: 52:54:00:00:00:${two}`)
    .replace(/clusterMac: 52:54:00:00:01:\d\d/, `clusterMac: 52:54:00:00:01:${two}`)
    .replace(/DISK-dev-\d\d/, `DISK-dev-${two}`)
    .replace(/RACK-dev-\d\d/, `RACK-dev-${two}`)
    .replace(/https:\/\/10\.0\.100\.\d+/, `https://10.0.100.${149 + machine}`);
  return stackFile.slice(0, start) + block + stackFile.slice(end);
}

/** Where a node's lines begin and end. */
function blockOf(stackFile: string, node: string): [number, number] {
  const start = stackFile.indexOf(`      ${node}:\n`);
  const next = stackFile.slice(start + 1).search(/^ {6}[^ ]/m);
  return [start, next < 0 ? stackFile.length : start + 1 + next];
}

/** Replaces the first match after the node's name. */
function withinNode(stackFile: string, node: string, pattern: RegExp, replacement: string): string {
  const at = stackFile.indexOf(`      ${node}:\n`);
  return stackFile.slice(0, at) + stackFile.slice(at).replace(pattern, replacement);
}
