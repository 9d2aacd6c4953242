import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { isDead, thisProcess } from "../../../../providers/runtime/lock/owner.js";

const started = (pid: number | undefined) =>
  readFileSync(`/proc/${pid}/stat`, "utf8").split(") ").at(-1)?.split(" ")[19] ?? "";

describe("who holds a lock", () => {
  const here = thisProcess("urn:pulumi:dev::flint::flint:index:ClusterComponent$flint:BareMetalNode::node04", "create");

  it("is told by user, stack and what for", () => {
    assert.match(here.who, /^[^@]+@.+$/);
    assert.deepEqual([here.stack, here.purpose, here.pid], ["dev", "create of node04", process.pid]);
    assert.equal(thisProcess(undefined, "create").purpose, "create of the cluster");
  });

  it("is dead when its process has ended here, or its number is another's; and not for certain elsewhere", async () => {
    assert.equal(isDead(here), false);
    assert.equal(isDead({ ...here, started: "1" }), true);
    const child = spawn("sleep", ["60"]);
    const { pid = 0 } = child;
    const other = { ...here, pid, started: started(pid) };
    assert.equal(isDead(other), false);
    child.kill("SIGKILL");
    await once(child, "exit");
    assert.equal(isDead(other), true);
    assert.equal(isDead({ ...other, started: "" }), true, "where there is no /proc");
    assert.equal(isDead({ ...other, place: "another machine" }), false);
  });
});
