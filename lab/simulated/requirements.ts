import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { FlintError } from "../../foundation/errors.js";

/** Programs that a rack needs, and the package of Debian and Ubuntu that has each. */
const RACK_PROGRAMS = { ip: "iproute2", nsenter: "util-linux", openssl: "openssl", bash: "bash" } as const;
/** What a project needs in addition: the vendor's installation has both. */
const PROJECT_PROGRAMS = ["pulumi", "pulumi-language-nodejs"] as const;

const LEAST_NODE = 22;

/** Refuses an older Node.js than the package needs. @throws FlintError SIMULATION_IMPOSSIBLE. */
export function requireNode(version: string): void {
  if (Number.parseInt(version, 10) >= LEAST_NODE) return;
  throw new FlintError("SIMULATION_IMPOSSIBLE", {
    subject: "the simulated rack",
    expected: `Node.js ${LEAST_NODE} or newer`,
    found: version,
    remedy: 'Put a newer one first on PATH; sudo keeps yours with: sudo env "PATH=$PATH" npx flint-simulate.',
  });
}

/** The machine, as far as a simulated rack depends on it. */
export interface Machine {
  platform: string;
  /** Of the user who runs this; undefined where there are no such numbers. */
  uid: number | undefined;
  has(program: string): boolean;
}

/** This machine. */
export const here = (): Machine => ({ platform: process.platform, uid: process.getuid?.(), has: onPath });

/** Refuses a machine on which no rack can run. @throws FlintError SIMULATION_IMPOSSIBLE that names all that is missing. */
export function requireForRack({ platform, uid, has }: Machine): void {
  if (platform !== "linux")
    throw impossible(
      [`${platform}`],
      ["Run it on Linux, or in a virtual machine or privileged container that has it."],
    );
  const missing = Object.entries(RACK_PROGRAMS).filter(([program]) => !has(program));
  const found = missing.map(([program]) => `no ${program} on PATH`);
  const remedies: string[] = [];
  if (uid !== 0) {
    found.unshift(`user ${uid}`);
    remedies.push(
      'Run it as root (a network namespace needs it), for example: sudo env "PATH=$PATH" npx flint-simulate.',
    );
  }
  if (missing.length > 0) {
    const packages = missing.map(([, name]) => name).join(" ");
    remedies.push(`Install what is missing, on Debian and Ubuntu: apt-get install ${packages}.`);
  }
  if (found.length > 0) throw impossible(found, remedies);
}

/** Refuses a machine without the Pulumi CLI. @throws FlintError SIMULATION_IMPOSSIBLE. */
export function requireForProject({ has }: Machine): void {
  const missing = PROJECT_PROGRAMS.filter((program) => !has(program));
  if (missing.length === 0) return;
  throw impossible(
    missing.map((program) => `no ${program} on PATH`),
    ["Install the Pulumi CLI (https://www.pulumi.com/docs/install/), and see to it that root has it on PATH, too."],
  );
}

function impossible(found: readonly string[], remedies: readonly string[]): FlintError {
  return new FlintError("SIMULATION_IMPOSSIBLE", {
    subject: "the simulated rack",
    expected: "Linux, root, and ip, nsenter, openssl, bash and the Pulumi CLI on PATH",
    found: found.join(", "),
    remedy: remedies.join(" "),
  });
}

function onPath(program: string): boolean {
  return (process.env.PATH ?? "").split(delimiter).some((directory) => {
    try {
      accessSync(join(directory, program), constants.X_OK);
      return directory !== "";
    } catch {
      return false;
    }
  });
}
