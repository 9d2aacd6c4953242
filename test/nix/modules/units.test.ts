// limit: 360 s
import assert from "node:assert/strict";
import { execFile, execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { z } from "zod";
import { CHECKOUT, evaluateNode, nodeEntry } from "../nix-evaluation.js";

const run = promisify(execFile);
const VERSION = Number(/systemd (\d+)/.exec(execFileSync("systemctl", ["--version"], { encoding: "utf8" }))?.[1]);
/** Settings that this machine's systemd may be too old for, with the version that brought them (systemd's NEWS). */
const SINCE: Record<string, number> = { RestartSteps: 254, RestartMaxDelaySec: 254 };
const texts = z.record(z.string(), z.string());

async function unitsOf(profile: string): Promise<Record<string, string>> {
  const select = `config: (import ${CHECKOUT}/nix/tests/units.nix { inherit lib config; }).services`;
  return texts.parse(await evaluateNode(select, nodeEntry(1, { profile }), PROGRAMS));
}
/** systemd looks for the programs of a unit: any that exists will do. */
const PROGRAMS = `{ lib, ... }: { services = builtins.listToAttrs (map (name: { inherit name; value.command = [ "/bin/true" ]; })
  [ "chainfire" "flaredb" "iam" "plasmavmc" ]); }`;

describe("The generated units", function () {
  this.timeout("120 s");
  let folder = "";
  const write = (units: Record<string, string>) => {
    for (const [name, text] of Object.entries(units))
      writeFileSync(join(folder, name), text.replaceAll("/opt/bash/bin/bash", "/bin/bash"));
    return Object.keys(units).map((name) => join(folder, name));
  };
  const complaints = async (paths: string[]) => {
    const path = `${folder}:/usr/lib/systemd/system:/lib/systemd/system`;
    const { stderr } = await run("systemd-analyze", ["verify", "--man=no", "--generators=no", ...paths], {
      env: { ...process.env, SYSTEMD_UNIT_PATH: path },
    }).catch((error: { stderr: string }) => error);
    return stderr.split("\n").filter((line) => line.includes(folder) || /ordering cycle|Unknown/.test(line));
  };
  const old = (line: string) => {
    const key = /Unknown key (?:name )?'(\w+)'/.exec(line)?.[1];
    return key !== undefined && VERSION < (SINCE[key] ?? 0);
  };

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "flint-units-"));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  for (const profile of ["control-plane", "all-in-one", "worker"])
    it(`of a ${profile} node are accepted by systemd-analyze verify (systemd ${VERSION})`, async () => {
      const units = await unitsOf(profile);
      assert.equal(Object.keys(units).length, profile === "worker" ? 2 : 8);
      assert.deepEqual(
        (await complaints(write(units))).filter((line) => !old(line)),
        [],
      );
    });

  it("would not be, were one of them wrong", async () => {
    const units = await unitsOf("worker");
    const wrong = `${units["plasmavmc.service"]}ProtectSytem=strict\nLimitNOFILE=many\n`;
    const said = (await complaints(write({ "plasmavmc.service": wrong }))).filter((line) => !old(line));
    assert.match(said.join("\n"), /Unknown key (name )?'ProtectSytem'/);
    assert.match(said.join("\n"), /Failed to parse resource value, ignoring: many/);
  });

  it("are as exposed as nix/README.md says (systemd-analyze security)", async () => {
    const readme = readFileSync(join(CHECKOUT, "nix/README.md"), "utf8");
    const paths = write(await unitsOf("control-plane"));
    for (const file of paths) {
      const name = file.slice(folder.length + 1);
      const told = Number(new RegExp(`^\\| \`${name}\` \\| ([\\d.]+) \\|`, "m").exec(readme)?.[1]);
      const { stdout } = await run("systemd-analyze", ["security", "--offline=true", "--no-pager", file]);
      const found = Number(/Overall exposure level for \S+: ([\d.]+)/.exec(stdout)?.[1]);
      // Each systemd weighs a little differently; without a sandbox it would be above 9.
      assert.ok(Math.abs(found - told) <= 0.5, `${name}: ${found}, and nix/README.md says ${told}`);
    }
    assert.equal(paths.length, 8);
  });
});
