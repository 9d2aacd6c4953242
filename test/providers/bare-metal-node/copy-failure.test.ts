import assert from "node:assert/strict";
import { FlintError } from "../../../foundation/errors.js";
import { copyFailure } from "../../../providers/bare-metal-node/copy-failure.js";
import { startSshd, type TestSshd } from "../../drivers/ssh/sshd.js";

describe("a system that does not arrive on a running machine", () => {
  const { signal } = new AbortController();
  const cutOff = new FlintError("NIX_COPY", {
    subject: "node02",
    expected: "the system S to arrive",
    found: "exit code 1: error: unexpected end-of-file",
    remedy: "Check the space on the machine's disk.",
  });
  const late = new FlintError("TOOL_TIMEOUT", {
    subject: "nix",
    expected: "an end within 1 min",
    found: "no output",
    remedy: "Raise the deadline.",
  });
  let sshd: TestSshd;

  before(async () => {
    sshd = await startSshd("node02");
  });
  after(() => sshd[Symbol.asyncDispose]());

  const told = async (error: unknown) =>
    String(await copyFailure(sshd.target, error, signal)).replace(/^FlintError: /, "");

  it("is told as the copy tells it while the machine answers", async () => {
    assert.equal(
      await told(cutOff),
      "node02: expected the system S to arrive but found exit code 1: error: unexpected end-of-file. Check the space on the machine's disk. [NIX_COPY]",
    );
  });

  for (const [said, remedy] of [
    ["No space left on device", /^Free space on the machine/],
    ["Input/output error", /^The machine's disk or its cable is failing/],
  ] as const)
    it(`is told with what to do about its cause: ${said}`, async () => {
      const { subject, expected } = cutOff;
      const error = new FlintError("NIX_COPY", {
        subject,
        expected,
        found: `exit code 1: error: ${said}`,
        remedy: "?",
      });
      const failure = await copyFailure(sshd.target, error, signal);
      assert.ok(failure instanceof FlintError);
      assert.match(failure.remedy, remedy);
    });

  it("names the machine, not the program, when it takes too long", async () => {
    assert.equal(
      await told(late),
      "node02, copy of its new system: expected an end within 1 min but found no output. Check the network between here and the machine, or raise deadlines.install; then run `pulumi up` again: only what is missing is sent. [TOOL_TIMEOUT]",
    );
  });

  it("is blamed on the machine when that does not answer any more", async () => {
    const gone = { ...sshd.target, port: 1 };
    assert.equal(
      String(await copyFailure(gone, cutOff, signal)).replace(/^FlintError: /, ""),
      "node02: expected the system S to arrive but found exit code 1: error: unexpected end-of-file; the machine does not answer any more (ssh: refused). It has restarted, or lost its power or its network: see its console, then run `pulumi up` again. It runs its old system until then. [NIX_COPY]",
    );
  });

  it("is left alone where it is about something else", async () => {
    const other = new Error("cancelled");
    assert.equal(await copyFailure(sshd.target, other, signal), other);
  });
});
