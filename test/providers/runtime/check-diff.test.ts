import assert from "node:assert/strict";
import { runtime } from "@pulumi/pulumi";
import { z } from "zod";
import { checkInputs } from "../../../providers/runtime/check.js";
import { diffInputs } from "../../../providers/runtime/diff.js";
import { digestsOf } from "../../../providers/runtime/digest.js";
import { UNKNOWN } from "../../../providers/runtime/unknown.js";

const schema = z.strictObject({
  self: z.string().optional(),
  name: z.string(),
  place: z.string().default("here"),
  pki: z.object({ cert: z.string().startsWith("-----") }).optional(),
  tags: z.record(z.string(), z.string()).optional(),
});

describe("the text that stands for an unknown value", () => {
  it("is the SDK's", () => assert.equal(UNKNOWN, (runtime as unknown as { unknownValue: string }).unknownValue));
});

describe("check", () => {
  it("fills in defaults, so that the preview shows them", () => {
    assert.deepEqual(checkInputs(schema, { name: "a", __provider: "text" }), {
      inputs: { name: "a", place: "here" },
      failures: [],
    });
  });
  it("lets unknown values pass at any depth and still judges the others", () => {
    const waiting = { pki: { cert: UNKNOWN } };
    assert.deepEqual(checkInputs(schema, { name: "a", ...waiting }), {
      inputs: { name: "a", place: "here", ...waiting },
      failures: [],
    });
    assert.deepEqual(checkInputs(schema, { name: 1, plaec: "x", ...waiting }).failures, [
      { property: "name", reason: "name: Invalid input: expected string, received number" },
      { property: "inputs", reason: 'inputs: Unrecognized key: "plaec"' },
    ]);
  });
});

describe("diff", () => {
  const question = { schema, replaceOn: ["place"], ignore: ["tags"], unfinished: false };
  const olds = { name: "a", place: "here", phase: "ready", __provider: "old" };
  const diff = (news: object, changed: object = {}) => diffInputs({ ...question, olds, news: { ...news }, ...changed });

  it("replaces for a part of an input, where the rest of it changes in place", () => {
    const withDisk = z.object({ disk: z.object({ mark: z.string(), serial: z.string() }) });
    const asked = (disk: object) =>
      diffInputs({
        ...question,
        schema: withDisk,
        replaceOnPart: { disk: (value) => withDisk.shape.disk.safeParse(value).data?.mark ?? value },
        olds: { disk: { mark: "one", serial: "A" } },
        news: { disk },
      });
    assert.deepEqual(asked({ mark: "one", serial: "A" }), { changes: false });
    assert.deepEqual(asked({ mark: "one", serial: "B" }), { changes: true });
    assert.deepEqual(asked({ mark: "two", serial: "A" }), {
      changes: true,
      replaces: ["disk"],
      deleteBeforeReplace: true,
    });
    assert.deepEqual(asked({ mark: UNKNOWN, serial: "A" }), { changes: true });
  });

  it("sees no change in outputs, in the shell, in its own URN, or in what it is told to ignore", () => {
    assert.deepEqual(diff({ name: "a", place: "here", self: "urn:x", tags: { a: "b" }, __provider: "new" }), {
      changes: false,
    });
  });
  it("sees no change in a default that a newer release has added", () => {
    assert.deepEqual(diff({ name: "a", place: "here" }, { olds: { name: "a" } }), { changes: false });
  });
  it("reads only what is not as it was: what this release would refuse is no change while it stays", () => {
    const old = { name: "a", pki: { cert: "of an older form" } };
    assert.deepEqual(diff({ ...old, place: "here" }, { olds: old }), { changes: false });
    assert.deepEqual(diff({ ...old, place: "there" }, { olds: old }).replaces, ["place"]);
  });
  it("compares a digest with what the input is now, though the state repeats nothing of it", () => {
    const digested = ["pki"];
    const digests = digestsOf({ pki: { cert: "-----" } }, digested);
    const before = { olds: { ...olds, digests }, digested };
    assert.deepEqual(diff({ name: "a", pki: { cert: "-----" } }, before), { changes: false });
    assert.deepEqual(diff({ name: "a", pki: { cert: "-----B" } }, before), { changes: true });
    assert.deepEqual(diff({ name: "a" }, before), { changes: true });
  });
  it("sees a changed, an added and a removed input", () => {
    assert.deepEqual(diff({ name: "b", place: "here" }), { changes: true });
    assert.deepEqual(diff({ name: "a", place: "here", pki: { cert: "-----" } }), { changes: true });
    const before = { olds: { ...olds, pki: { cert: "-----" } } };
    assert.deepEqual(diff({ name: "a", place: "here" }, before), { changes: true });
  });
  it("replaces on a known change, deleting first", () => {
    assert.deepEqual(diff({ name: "a", place: "there" }), {
      changes: true,
      replaces: ["place"],
      deleteBeforeReplace: true,
    });
  });
  it("never replaces for a value that is not known yet", () => {
    assert.deepEqual(diff({ name: "a", place: UNKNOWN }), { changes: true });
  });
  it("says there is something to do while earlier work is unfinished", () => {
    assert.deepEqual(diff({ name: "a", place: "here" }, { unfinished: true }), { changes: true });
  });
});
