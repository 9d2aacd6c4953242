import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { scriptInput } from "../../../../drivers/ssh/file-scripts.js";
import { LOCK } from "../../../../providers/runtime/lock/script.js";

describe("the lock's script, in a real shell", () => {
  const directory = mkdtempSync(join(tmpdir(), "flint-lock-"));
  const path = join(directory, "run/flint/dev.lock");
  const env = { ...process.env, PATH: `${join(directory, "bin")}:${process.env.PATH}` };
  const run = (action: string, token: string, seconds = 30, over = "") =>
    new Promise<string>((ok, no) => {
      const line = JSON.stringify({ who: `${token} $(touch oops) 'and' "all"` });
      const args = ["-s", "--", path, action, token, String(seconds), line, over];
      const child = execFile("sh", args, { cwd: directory, env }, (error, stdout, stderr) =>
        error === null && stderr === "" ? ok(stdout) : no(new Error(`${error?.message} ${stderr}`)),
      );
      child.stdin?.end(scriptInput(LOCK));
    });
  const holder = () => readFileSync(path, "utf8").split("\n")[0];

  beforeEach(() => rmSync(join(directory, "run"), { recursive: true, force: true }));
  after(() => rmSync(directory, { recursive: true, force: true }));

  it("the first has it; the second is told who, and until when; freed, it is the second's", async () => {
    assert.equal(await run("take", "aaa"), "yours\n");
    assert.equal(statSync(path).mode & 0o777, 0o644);
    const told = /^held aaa (\d+)\n(.*)\n$/.exec(await run("take", "bbb"));
    assert.ok(Number(told?.[1]) > 25 && Number(told?.[1]) <= 30);
    assert.equal(told?.[2], JSON.stringify({ who: `aaa $(touch oops) 'and' "all"` }));
    assert.match(await run("keep", "bbb"), /^held aaa/);
    assert.match(await run("free", "bbb"), /^held aaa/);
    assert.equal(await run("keep", "aaa"), "yours\n");
    assert.equal(await run("free", "aaa"), "yours\n");
    assert.equal(await run("take", "bbb"), "yours\n");
    assert.equal(holder(), "bbb");
  });

  it("of twenty at once one has it", async () => {
    const tokens = Array.from({ length: 20 }, (_, i) => `token${i}`);
    const answers = await Promise.all(tokens.map((token) => run("take", token)));
    const winners = tokens.filter((_, i) => answers[i] === "yours\n");
    assert.equal(winners.length, 1);
    assert.equal(holder(), winners[0]);
    for (const answer of answers.filter((each) => each !== "yours\n"))
      assert.match(answer, new RegExp(`^held ${winners[0]} `));
  });

  it("one that has expired is anybody's, and so is what a crash or an earlier start left", async () => {
    await run("take", "aaa", 0);
    assert.equal(await run("take", "bbb"), "yours\n");
    for (const left of ["", "aaa\n", "aaa\nsoon\nsomebody\n", "aaa\n99999999999\nbefore a restart\n"]) {
      writeFileSync(path, left);
      assert.equal(await run("take", "bbb"), "yours\n", JSON.stringify(left));
    }
  });

  it("is lost to who comes back to it after somebody else has worked, also when that one has given it back or let it expire", async () => {
    for (const end of ["free", "expire"]) {
      await run("take", "aaa", 0); // asleep for longer than it lasts
      assert.equal(await run("keep", "aaa", 0), "yours\n", "nobody has worked since");
      await run("take", "bbb", end === "free" ? 30 : 0);
      if (end === "free") await run("free", "bbb");
      const told = await run("keep", "aaa");
      assert.equal(told, `held bbb 0\n${JSON.stringify({ who: `bbb $(touch oops) 'and' "all"` })}\n`, end);
      assert.equal(await run("take", "aaa", 0), "yours\n", "begun anew");
      assert.equal(await run("keep", "aaa", 0), "yours\n");
    }
    rmSync(join(directory, "run"), { recursive: true });
    assert.equal(await run("keep", "aaa"), "yours\n", "the host was started anew");
  });

  it("holds when the host's clock is set to another time", async () => {
    await run("take", "aaa");
    mkdirSync(join(directory, "bin"));
    for (const year of ["1970", "2099"]) {
      writeFileSync(join(directory, "bin/date"), `#!/bin/sh\nexec /usr/bin/date -d ${year}-01-01 "$@"\n`, {
        mode: 0o755,
      });
      assert.match(await run("take", "bbb"), /^held aaa/, year);
    }
  });

  it("can be taken over by naming its holder, and by no other name", async () => {
    await run("take", "aaa");
    assert.match(await run("take", "bbb", 30, "ccc"), /^held aaa/);
    assert.equal(await run("take", "bbb", 30, "aaa"), "yours\n");
    assert.match(await run("keep", "aaa"), /^held bbb/);
    assert.match(await run("free", "aaa"), /^held bbb/);
  });
});
