import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { FlintError } from "../../../foundation/errors.js";
import { followSwitch, type SwitchOptions, switchWithRollback } from "../../../providers/bare-metal-node/switch.js";
import { NodeWithProfile } from "../../nix/node-with-profile.js";

/** The node is this machine, with a profile of its own; only ssh and systemd are stand-ins. */
describe("BareMetalNode: switching a node that goes back by itself", function () {
  this.timeout(120_000);
  let machine: NodeWithProfile;
  beforeEach(() => {
    machine = new NodeWithProfile();
    said.length = 0;
    installSystemd(machine);
  });
  afterEach(() => machine.remove());
  const system = (name: string, then?: string) => machine.system(name, then);

  const session: Awaited<ReturnType<SwitchOptions["session"]>> = {
    async script(text, args = [], { okCodes = [0] } = {}) {
      const env = { ...machine.environment(), PATH: `${machine.at("systemd")}:${process.env.PATH}` };
      const { status, stdout, stderr } = spawnSync("sh", ["-s", "--", ...args], { input: text, env, encoding: "utf8" });
      assert.ok(status !== null && okCodes.includes(status), stderr);
      return { stdout, stderr, code: status };
    },
    async readFile(path) {
      try {
        return readFileSync(path);
      } catch {
        return undefined;
      }
    },
    async writeFile(path, content) {
      writeFileSync(path, content);
    },
  };
  const said: string[] = [];
  const options = () => ({
    node: "node02",
    session: async () => session,
    reachable: async () => true,
    say: (text: string) => void said.push(text),
    signal: new AbortController().signal,
    healthySeconds: 3,
    result: machine.at("switch.json"),
  });
  const change = (toplevel: string, changes: Partial<SwitchOptions> = {}) =>
    switchWithRollback({ ...options(), toplevel, ...changes });
  const refused = (work: Promise<unknown>, message: RegExp) =>
    assert.rejects(work, (error: Error) => {
      assert.match(error.message, message);
      return true;
    });

  it("a healthy system stays, since we confirm that it can be reached", async () => {
    machine.run(system("one"));
    const two = system("two");
    await change(two);
    assert.equal(machine.current(), two);
    assert.ok(said.includes("waiting until the new system is healthy"));
  });

  it("an unhealthy one is reported with the reason and with what runs instead", async () => {
    const one = machine.run(system("one"));
    const two = system(
      "two",
      `echo "echo '  NOT OK  iam: health here answers 000'; exit 75" > ${machine.at("health")}`,
    );
    await refused(
      change(two),
      new RegExp(
        `^node02: expected the system ${two}, healthy and reachable but found it went back to ${one}: not healthy: ` +
          "iam: health here answers 000, 3 s after the switch\\. See `journalctl -u flint-switch` on node02, " +
          "mend the cause, and run `pulumi up` again\\. \\[SYSTEM_ROLLED_BACK\\]$",
      ),
    );
    assert.equal(machine.current(), one);
  });

  it("a system that cuts us off is gone again when we get back in", async () => {
    const one = machine.run(system("one"));
    const two = system("two");
    const cut = async () => {
      if (machine.current() === two)
        throw new FlintError("SSH_TIMEOUT", {
          subject: "node02",
          expected: "an answer",
          found: "none",
          remedy: "Wait.",
        });
      return session;
    };
    await refused(
      change(two, { session: cut }),
      /it went back to .*: nobody could reach the node, 3 s after the switch\./,
    );
    assert.equal(machine.current(), one);
  });

  it("a system that is not on the node changes nothing", async () => {
    machine.run(system("one"));
    await refused(
      change("/nix/store/none"),
      /found it changed nothing: \/nix\/store\/none is not in the node's store\./,
    );
  });

  it("one that an interrupted run left behind is seen through, and stays", async () => {
    machine.run(system("one"));
    const two = system("two");
    const interrupt = new AbortController();
    const reachable = async () => {
      interrupt.abort();
      return false;
    };
    await assert.rejects(change(two, { signal: interrupt.signal, healthySeconds: 20, reachable }));
    assert.equal(existsSync(machine.at("switch.json.confirmed")), false);
    const end = await followSwitch(options());
    assert.deepEqual([end.state, end.system, machine.current()], ["switched", two, two]);
  });

  it("a system that lets nobody in any more goes back, though the open connection would do", async () => {
    const one = machine.run(system("one"));
    await refused(
      change(system("two"), { reachable: async () => false }),
      /: nobody could reach the node, 3 s after the switch\./,
    );
    assert.equal(machine.current(), one);
  });

  it("one that ends without a verdict, as by a restart, is not waited for", async () => {
    machine.run(system("one"));
    await assert.rejects(followSwitch(options()), {
      message:
        "node02: expected a result of its switch to another system but found that it ended without one. " +
        "See `journalctl -u flint-switch` on node02, and whether it was restarted. Then run `pulumi up` again. [SYSTEM_MISMATCH]",
    });
  });

  it("one whose machine restarts while it waits for its health is interrupted, and begun again it ends", async () => {
    machine.run(system("one"));
    const two = system("two");
    const restart = async () => {
      process.kill(Number(readFileSync(machine.at("flint-switch.pid"), "utf8")), "SIGKILL");
      rmSync(machine.at("switch.json"), { force: true });
      return false;
    };
    assert.equal(await change(two, { healthySeconds: 20, reachable: restart }), "interrupted");
    assert.equal(await change(two), "switched");
    assert.equal(machine.current(), two);
  });

  const gone = (code: string) =>
    new FlintError(code, { subject: "node02", expected: "an answer", found: "none", remedy: "Wait." });

  for (const code of ["SSH_CONNECTION_LOST", "SSH_UNREACHABLE"])
    it(`one whose machine is gone while it is asked to begin (${code}) is interrupted: nobody knows whether it began`, async () => {
      const script = async () => {
        throw gone(code);
      };
      assert.equal(await change("/nix/store/two", { session: async () => ({ ...session, script }) }), "interrupted");
    });

  it("a machine that is silent for long is asked for its power, and not waited for without it", async () => {
    machine.run(system("one"));
    const silent = gone("SSH_UNREACHABLE");
    const options: Partial<SwitchOptions> = {
      healthySeconds: 20,
      silentMs: 0,
      reachable: async () => {
        throw silent;
      },
    };
    const off = new Error("its BMC shows it off");
    const asked: Error[] = [];
    const blamePower = async (error: Error) => {
      asked.push(error);
      return asked.length < 2 ? error : off;
    };
    await assert.rejects(change(system("two"), { ...options, blamePower }), off);
    assert.deepEqual(asked, [silent, silent]);
  });

  it("one that nobody can follow to its end is told with how far it was, and what its machine answered last", async () => {
    machine.run(system("one"));
    let looks = 0;
    const readFile = async () => {
      if (looks++ > 0) throw gone("SSH_UNREACHABLE");
      return Buffer.from(JSON.stringify({ state: "running", system: "", previous: "", reason: "" }));
    };
    // Its deadline is these seconds and those that activating a system may take.
    const soon = { ...options(), session: async () => ({ ...session, readFile }), healthySeconds: -299 };
    await refused(followSwitch(soon), /: expected node02 to end its switch within 1 s but found running, then none\. /);
  });

  it("a question that hangs ends soon after the deadline, and what its machine answered before it is told", async () => {
    machine.run(system("one"));
    const readFile = async () =>
      Buffer.from(JSON.stringify({ state: "running", system: "", previous: "", reason: "" }));
    let looks = 0;
    let ended = false;
    const hangs = (signal: AbortSignal) =>
      new Promise<never>((_, reject) => {
        signal.addEventListener("abort", () => {
          ended = true;
          reject(signal.reason);
        });
      });
    const ask = async (signal: AbortSignal) => (looks++ > 0 ? hangs(signal) : { ...session, readFile });
    const soon = { ...options(), session: ask, healthySeconds: -299 };
    await refused(
      followSwitch(soon),
      /: expected node02 to end its switch within 1 s but found running, then no answer\. /,
    );
    assert.ok(ended);
  });

  it("a new one waits for the one that runs", async () => {
    machine.run(system("one"));
    const [two, three] = [system("two"), system("three")];
    await Promise.all([change(two), change(three)]);
    assert.deepEqual(machine.log().split("\n").sort(), ["", "three switch", "two switch"]);
    assert.equal(machine.generation(), "profile-3-link");
  });
});

/** The two commands of systemd that are used, for one unit: its process and nothing else. */
function installSystemd(machine: NodeWithProfile): void {
  mkdirSync(machine.at("systemd"));
  const install = (name: string, script: string) =>
    writeFileSync(machine.at(`systemd/${name}`), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  const pid = machine.at("flint-switch.pid");
  const options = "--collect --quiet --unit=flint-switch --setenv=HOME=/root";
  install(
    "systemctl",
    `[ "$*" = "list-units --plain --no-legend flint-switch.service" ] || exit 1\n! kill -0 "$(cat ${pid})" 2>&- || echo flint-switch.service`,
  );
  install(
    "systemd-run",
    `[ "$1 $2 $3 $4" = "${options}" ] || exit 1\nshift 4\n"$@" > /dev/null 2>&1 &\necho $! > ${pid}`,
  );
}
