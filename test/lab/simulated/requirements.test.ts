import assert from "node:assert/strict";
import { isFlintError } from "../../../foundation/errors.js";
import {
  here,
  type Machine,
  requireForProject,
  requireForRack,
  requireNode,
} from "../../../lab/simulated/requirements.js";

const machine = (changes: Partial<Machine> = {}, missing: readonly string[] = []): Machine => ({
  ...{ platform: "linux", uid: 0, has: (program) => !missing.includes(program) },
  ...changes,
});
const EXPECTED =
  "the simulated rack: expected Linux, root, and ip, nsenter, openssl, bash and the Pulumi CLI on PATH but found";

/** What the user reads. */
function refusal(run: () => void): string {
  try {
    run();
  } catch (error) {
    assert.ok(isFlintError(error, "SIMULATION_IMPOSSIBLE"), String(error));
    return error.message;
  }
  return "none";
}

describe("what a simulated rack needs", () => {
  it("is nothing more where all is there", () => {
    requireForRack(machine());
    requireForProject(machine());
  });

  it("is Linux", () => {
    assert.equal(
      refusal(() => requireForRack(machine({ platform: "darwin", uid: 501 }))),
      `${EXPECTED} darwin. Run it on Linux, or in a virtual machine or privileged container that has it. [SIMULATION_IMPOSSIBLE]`,
    );
  });

  it("is root, and how to keep PATH is told", () => {
    assert.equal(
      refusal(() => requireForRack(machine({ uid: 1000 }))),
      `${EXPECTED} user 1000. Run it as root (a network namespace needs it), for example: sudo env "PATH=$PATH" npx flint-simulate. [SIMULATION_IMPOSSIBLE]`,
    );
  });

  it("is each program, all that are missing at once, with the packages that have them", () => {
    for (const [program, name] of Object.entries({
      ip: "iproute2",
      nsenter: "util-linux",
      openssl: "openssl",
      bash: "bash",
    }))
      assert.equal(
        refusal(() => requireForRack(machine({}, [program]))),
        `${EXPECTED} no ${program} on PATH. Install what is missing, on Debian and Ubuntu: apt-get install ${name}. [SIMULATION_IMPOSSIBLE]`,
      );
    assert.equal(
      refusal(() => requireForRack(machine({ uid: 1000 }, ["ip", "openssl"]))),
      `${EXPECTED} user 1000, no ip on PATH, no openssl on PATH. Run it as root (a network namespace needs it), for example: sudo env "PATH=$PATH" npx flint-simulate. Install what is missing, on Debian and Ubuntu: apt-get install iproute2 openssl. [SIMULATION_IMPOSSIBLE]`,
    );
  });

  it("is the Pulumi CLI with its language host, for a project", () => {
    assert.equal(
      refusal(() => requireForProject(machine({}, ["pulumi"]))),
      `${EXPECTED} no pulumi on PATH. Install the Pulumi CLI (https://www.pulumi.com/docs/install/), and see to it that root has it on PATH, too. [SIMULATION_IMPOSSIBLE]`,
    );
  });

  it("is Node.js 22 or newer", () => {
    for (const version of ["22.0.0", "24.21.0", "100.1.0"]) requireNode(version);
    assert.equal(
      refusal(() => requireNode("20.20.2")),
      'the simulated rack: expected Node.js 22 or newer but found 20.20.2. Put a newer one first on PATH; sudo keeps yours with: sudo env "PATH=$PATH" npx flint-simulate. [SIMULATION_IMPOSSIBLE]',
    );
  });

  it("is looked for on this machine's PATH", () => {
    assert.equal(here().has("node"), true);
    assert.equal(here().has("no-such-program"), false);
  });
});
