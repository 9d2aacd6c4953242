import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FlintError } from "../../../foundation/errors.js";
import { type SwitchOptions, switchWithRollback } from "../../../providers/bare-metal-node/switch.js";

/** The node is this machine, with a profile of its own; only ssh and systemd-run are stand-ins. */
describe("BareMetalNode: switching a node that goes back by itself", function () {
  this.timeout(40_000);
  let work = "";
  const at = (name: string) => join(work, name);
  beforeEach(() => {
    work = mkdtempSync(join(tmpdir(), "flint-provider-switch-"));
    writeFileSync(at("health"), "true");
  });
  afterEach(() => rmSync(work, { recursive: true, force: true }));

  function system(name: string, then = ""): string {
    mkdirSync(at(`${name}/bin`), { recursive: true });
    const script = `#!/bin/sh\nln -sfn "$(dirname "$(dirname "$0")")" ${at("current")}\n${then}\n`;
    writeFileSync(at(`${name}/bin/switch-to-configuration`), script);
    chmodSync(at(`${name}/bin/switch-to-configuration`), 0o755);
    return execFileSync("nix-store", ["--add", at(name)], { encoding: "utf8" }).trim();
  }
  function runs(running: string): string {
    execFileSync("nix-env", ["-p", at("profile"), "--set", running]);
    symlinkSync(running, at("current"));
    return running;
  }
  const session: Awaited<ReturnType<SwitchOptions["session"]>> = {
    async exec(argv) {
      assert.deepEqual([argv[0], argv[2], argv[4]], ["systemd-run", "--quiet", "--setenv=HOME=/root"]);
      assert.match(argv[3] ?? "", /^--unit=flint-switch-[0-9a-f]{8}$/);
      const env = {
        ...process.env,
        FLINT_PROFILE: at("profile"),
        FLINT_CURRENT_SYSTEM: at("current"),
        FLINT_HEALTH: at("health"),
        FLINT_STATE_DIR: at("state"),
        FLINT_INTERVAL: "0.1",
      };
      spawn(argv[5] ?? "", argv.slice(6), { env, stdio: "ignore" });
      return { stdout: "", stderr: "", code: 0 } as Awaited<ReturnType<typeof session.exec>>;
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
  const change = (toplevel: string, changes: Partial<SwitchOptions> = {}) =>
    switchWithRollback({
      node: "node02",
      toplevel,
      session: async () => session,
      say: (text) => said.push(text),
      signal: new AbortController().signal,
      healthySeconds: 3,
      directory: work,
      ...changes,
    });
  const refused = (work: Promise<void>, message: RegExp) =>
    assert.rejects(work, (error: Error) => {
      assert.match(error.message, message);
      return true;
    });

  it("a healthy system stays, since we confirm that it can be reached", async () => {
    runs(system("one"));
    const two = system("two");
    await change(two);
    assert.equal(readlinkSync(at("current")), two);
    assert.ok(said.includes("waiting until the new system is healthy"));
  });

  it("an unhealthy one is reported with the reason and with what runs instead", async () => {
    const one = runs(system("one"));
    const two = system("two", `echo "echo '  NOT OK  iam: health here answers 000'; exit 75" > ${at("health")}`);
    await refused(
      change(two),
      new RegExp(
        `^node02: expected the system ${two}, healthy and reachable but found it went back to ${one}: not healthy: ` +
          "iam: health here answers 000, 3 s after the switch\\. See `journalctl -u flint-switch-[0-9a-f]{8}` on node02, " +
          "mend the cause, and run `pulumi up` again\\. \\[SYSTEM_ROLLED_BACK\\]$",
      ),
    );
    assert.equal(readlinkSync(at("current")), one);
  });

  it("a system that cuts us off is gone again when we get back in", async () => {
    const one = runs(system("one"));
    const two = system("two");
    const cut = async () => {
      if (readlinkSync(at("current")) === two)
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
    assert.equal(readlinkSync(at("current")), one);
  });

  it("a system that is not on the node changes nothing", async () => {
    runs(system("one"));
    await refused(
      change("/nix/store/none"),
      /found it changed nothing: \/nix\/store\/none is not in the node's store\./,
    );
  });
});
