import assert from "node:assert/strict";
import { FlintError, isFlintError, messageFrom } from "../../foundation/errors.js";

describe("FlintError", () => {
  const subject = "node02, disk S4EVNX0R";
  const remedy = "Declare another disk.";

  it("says what is wrong with what, what was expected and found, what to do, and its code", () => {
    const error = new FlintError("DISK_NOT_OURS", { subject, expected: "blank", found: "ext4 'backup'", remedy });
    assert.equal(
      error.message,
      "node02, disk S4EVNX0R: expected blank but found ext4 'backup'. Declare another disk. [DISK_NOT_OURS]",
    );
    assert.equal(error.name, "FlintError");
    assert.equal(error.code, "DISK_NOT_OURS");
  });

  for (const [detail, text] of [
    [{ expected: "blank" }, "expected blank"],
    [{ found: "ext4" }, "found ext4"],
    [{ found: "ext4." }, "found ext4"],
  ] as const)
    it(`reads well with ${JSON.stringify(detail)}`, () => {
      const error = new FlintError("CODE", { subject, remedy, ...detail });
      assert.equal(error.message, `node02, disk S4EVNX0R: ${text}. Declare another disk. [CODE]`);
    });

  it("keeps its cause, and has none where none was given", () => {
    const cause = new Error("underneath");
    assert.equal(new FlintError("CODE", { subject, remedy, cause }).cause, cause);
    assert.ok(!("cause" in new FlintError("CODE", { subject, remedy })));
  });
});

describe("isFlintError", () => {
  const error = new FlintError("CODE", { subject: "x", remedy: "y" });

  it("tells by code", () => {
    assert.ok(isFlintError(error));
    assert.ok(isFlintError(error, "CODE"));
    assert.ok(!isFlintError(error, "OTHER"));
  });

  it("knows one from another copy of the package, and nothing else", () => {
    const foreign = Object.assign(new Error("x"), { name: "FlintError", code: "CODE" });
    assert.ok(isFlintError(foreign, "CODE"));
    for (const other of [
      new Error("x"),
      Object.assign(new Error("x"), { code: "CODE" }),
      { name: "FlintError" },
      undefined,
    ])
      assert.ok(!isFlintError(other));
  });
});

describe("messageFrom", () => {
  it("puts anything thrown on one line", () => {
    assert.equal(messageFrom(new Error("one\n  two")), "one; two");
    assert.equal(messageFrom("text"), "text");
    assert.equal(messageFrom(undefined), "undefined");
  });
});
