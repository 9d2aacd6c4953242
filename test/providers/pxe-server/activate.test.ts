import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { scriptInput } from "../../../drivers/ssh/file-scripts.js";
import { OBSERVE } from "../../../providers/pxe-server/observe.js";
import { parseObservation } from "../../../providers/pxe-server/parse-observation.js";
import { ACTIVATE } from "../../../providers/pxe-server/perform.js";

describe("new files of the boot servers, put in place in a real shell", () => {
  const directory = mkdtempSync(join(tmpdir(), "flint-activate-"));
  const [due, conf, asked] = ["due", "dnsmasq.conf", "asked"].map((name) => join(directory, name)) as [
    string,
    string,
    string,
  ];
  const env = { ...process.env, PATH: `${directory}/bin:${process.env.PATH}` };
  const shell = (script: string, words: readonly string[]) =>
    spawnSync("sh", ["-s", "--", ...words], { env, input: scriptInput(script), encoding: "utf8" });
  /** @param systemctl What it does with "restart nginx". */
  const activate = (systemctl: string, actions: readonly string[], note = "restart nginx\nreload dnsmasq") => {
    writeFileSync(`${conf}.next`, "new\n");
    writeFileSync(
      join(directory, "bin/systemctl"),
      `#!/bin/sh\nif [ $# = 1 ]; then echo "$1"; else echo "$2 $3 $(cat ${conf})"; fi >> ${asked}\ncase "$2 $3" in "restart nginx") ${systemctl} ;; esac\n`,
      { mode: 0o755 },
    );
    return shell(`echo $$ > ${directory}/pid\n${ACTIVATE}`, [due, note, "1", conf, ...actions]);
  };
  const seenDue = () =>
    parseObservation(shell(`HTTP_PORT=80\nDUE='${due}'\n${OBSERVE}`, ["lo", "flint-dev"]).stdout).due;
  const BOTH = ["restart", "nginx", "reload", "dnsmasq"];

  before(() => mkdirSync(join(directory, "bin")));
  beforeEach(() => {
    for (const path of [due, asked]) rmSync(path, { force: true });
    writeFileSync(conf, "old\n");
  });
  after(() => rmSync(directory, { recursive: true, force: true }));

  it("are read by their services; then nothing is due", () => {
    assert.equal(activate("exit 0", BOTH).status, 0);
    assert.deepEqual(readFileSync(asked, "utf8").split("\n"), ["restart nginx new", "reload dnsmasq new", ""]);
    assert.equal(existsSync(due), false);
    assert.equal(seenDue(), undefined);
  });

  it("when one service fails, the next look sees that the others were not told of them", () => {
    const { status, stdout } = activate("echo no port; exit 1", BOTH);
    assert.deepEqual([status, stdout], [3, "restart of nginx: no port\n"]);
    assert.equal(readFileSync(conf, "utf8"), "new\n");
    assert.deepEqual(seenDue(), { nginx: "restart", dnsmasq: "reload" });
  });

  it("the same when it is killed in the middle", () => {
    assert.equal(activate(`kill -9 $(cat ${directory}/pid)`, BOTH).signal, "SIGKILL");
    assert.equal(readFileSync(conf, "utf8"), "new\n");
    assert.deepEqual(seenDue(), { nginx: "restart", dnsmasq: "reload" });
  });

  it("are read by the next run, after systemd has read its units: those may be new, too", () => {
    activate("exit 1", BOTH);
    rmSync(asked);
    assert.equal(activate("exit 0", BOTH).status, 0);
    const said = readFileSync(asked, "utf8").split("\n");
    assert.deepEqual(said, ["daemon-reload", "restart nginx new", "reload dnsmasq new", ""]);
    assert.equal(existsSync(due), false);
  });

  it("what only starts leaves no note: one that does not run is seen", () => {
    assert.equal(activate("exit 0", ["start", "nginx"], "").status, 0);
    assert.equal(existsSync(due), false);
  });
});
