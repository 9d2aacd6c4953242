import assert from "node:assert/strict";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { execa } from "execa";
import { inOwnCgroup, removeCgroups } from "../../../lab/rack/container-cgroup.js";

describe("a container's cgroup", () => {
  const name = `flint-test-${process.pid}`;

  before(function () {
    if (process.getuid?.() !== 0) {
      console.log("    SKIPPED: cgroups are made by root");
      return this.skip();
    }
    if (existsSync("/run/systemd/system")) {
      console.log("    SKIPPED: systemd is this machine's first process, and makes the containers' cgroups itself");
      return this.skip();
    }
  });

  it("is its own in every hierarchy by which a systemd in it may tell its processes from others'", async () => {
    const [program = "cat", ...args] = [...inOwnCgroup(name), "cat", "/proc/self/cgroup"];
    const { stdout } = await execa(program, args);
    const hybrid = existsSync("/sys/fs/cgroup/unified/cgroup.procs");
    const legacy = existsSync("/sys/fs/cgroup/systemd/cgroup.procs");
    const expected = [...(legacy ? [`name=systemd:/${name}`] : []), ...(hybrid || !legacy ? [`:/${name}`] : [])];
    const seen = stdout.split("\n").map((line) => line.replace(/^\d+:/, ""));
    for (const line of expected) assert.ok(seen.includes(line), stdout);
  });

  it("gives the command its own arguments, also where there is a -- among them", async () => {
    const [program = "echo", ...args] = [...inOwnCgroup(name), "echo", "a b", "--", "c"];
    assert.equal((await execa(program, args)).stdout, "a b -- c");
  });

  it("is removed with what was made in it, once the last process is out of it", async () => {
    const [program = "sleep", ...args] = [...inOwnCgroup(name), "sh", "-c", "echo there; sleep 0.3"];
    const last = execa(program, args);
    await once(last.stdout, "data");
    await removeCgroups(name);
    assert.equal((await last).exitCode, 0);
    const left = ["systemd", "unified", "."].filter((hierarchy) => existsSync(`/sys/fs/cgroup/${hierarchy}/${name}`));
    assert.deepEqual(left, []);
  });
});
