import assert from "node:assert/strict";
import { judgeDeadlines } from "./deadlines.js";
import type { Stay } from "./engine-events.js";

const stay = (doing: string, seconds: number, resource = "node04"): Stay => ({
  resource,
  op: "create",
  doing,
  seconds,
});

describe("fault matrix: a wait", () => {
  it("that ends within its deadline is in order, and so is the look that was under way then", () =>
    assert.deepEqual(judgeDeadlines([stay("installer starting", 60), stay("copying the system", 79)]), []));

  it("that lasts longer is told", () =>
    assert.deepEqual(judgeDeadlines([stay("copying the system", 81)]), [
      'node04, create: "copying the system" for 81 s, which has to end within 60 s',
    ]));

  it("goes on while its lines change", () =>
    assert.deepEqual(
      judgeDeadlines([
        stay("powered on, waiting for DHCP", 50),
        stay("initrd", 20),
        stay("installer starting", 300, "node05"),
        stay("installer starting", 30),
      ]),
      [
        'node04, create: "installer starting" for 100 s, which has to end within 60 s',
        'node05, create: "installer starting" for 300 s, which has to end within 60 s',
      ],
    ));

  it("goes on, too, where each look has another line", () =>
    assert.deepEqual(
      judgeDeadlines([
        ...[stay("waiting: iam answers 503", 50), stay("waiting: iam answers ECONNREFUSED", 50)],
        ...[stay("copying the system", 1), stay("system", 60), stay("copying secrets", 30)],
        ...["no answer", "not healthy yet"].map((last) => stay(`waiting for FlareDB (${last})`, 50, "flaredb-node01")),
        ...[900, 700, 500].map((n) => stay(`it votes, but is ${n} entries behind`, 50, "chainfire-node01")),
        ...[30, 29].map((n) =>
          stay(`waiting for pulumi up by me; its lock expires in ${n} s if that run has ended`, 50, "pxe"),
        ),
        ...[stay("failed: no leader", 50, "health"), stay("degraded: iam on node01 answers 503", 50, "health")],
      ]),
      [
        'node04, create: "waiting: iam answers ECONNREFUSED" for 100 s, which has to end within 60 s',
        'node04, create: "copying secrets" for 91 s, which has to end within 60 s',
        'flaredb-node01, create: "waiting for FlareDB (not healthy yet)" for 100 s, which has to end within 60 s',
        'chainfire-node01, create: "it votes, but is 500 entries behind" for 150 s, which has to end within 120 s',
        'pxe, create: "waiting for pulumi up by me; its lock expires in 29 s if that run has ended" for 100 s, which has to end within 60 s',
        'health, create: "degraded: iam on node01 answers 503" for 100 s, which has to end within 60 s',
      ],
    ));

  it("is a new one after something else was done", () =>
    assert.deepEqual(
      judgeDeadlines([stay("starting from disk (no sshd yet)", 70), stay("switching to the new system", 10)]),
      [],
    ));

  it("for other machines, whose own waits end, has no deadline of its own; nor has the stack", () =>
    assert.deepEqual(judgeDeadlines([stay("waiting for 2 other installations", 900), stay("", 900, "sim")]), []));

  it("that no row knows has a minute", () =>
    assert.equal(judgeDeadlines([stay("counting its teeth", 60), stay("counting its toes", 90)]).length, 1));
});
