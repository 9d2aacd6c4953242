import assert from "node:assert/strict";
import type { Lifecycle, Properties } from "../../../providers/runtime/lifecycle.js";
import { withSpecText } from "../../../providers/runtime/spec-lifecycle.js";
import { lifecycle as probe } from "./probe.js";

const text = (inputs: object) => ({ __provider: "shell", spec: JSON.stringify(inputs) });
const lifecycle = withSpecText(probe);

describe("a lifecycle whose resource keeps its plain inputs in one text", () => {
  it("checks what is in the text, and leaves the text as it was declared", async () => {
    assert.deepEqual(await lifecycle.check({}, text({ name: "p1" })), {
      inputs: { spec: '{"name":"p1"}' },
      failures: [],
    });
    const { failures } = await lifecycle.check({}, text({ name: 1 }));
    assert.deepEqual(failures, [{ property: "name", reason: "name: Invalid input: expected string, received number" }]);
  });

  it("does not check again what the state has as inputs: that was checked when it came there", async () => {
    const wrong = text({ name: 1 });
    assert.equal((await lifecycle.check(text({ name: "p1" }), wrong)).failures.length, 1);
    assert.deepEqual(await lifecycle.check({ ...wrong }, wrong), { inputs: { spec: '{"name":1}' }, failures: [] });
    assert.equal((await lifecycle.check({}, wrong)).failures.length, 1);
  });

  it("creates from it, and leaves what outputs repeat of it as a text again", async () => {
    const { id, outs } = await lifecycle.create({ ...text({ name: "p1", phaseMs: 1 }), password: "secret" });
    assert.equal(id, "probe-p1");
    const { spec, ...others } = outs;
    assert.deepEqual(JSON.parse(String(spec)), { name: "p1", phaseMs: 1 });
    assert.equal(others.phase, 3);
    assert.equal(others.password, "secret", "secrets stay by themselves, where the engine encrypts them");
    assert.deepEqual(await lifecycle.diff(id, outs, { ...text({ phaseMs: 9, name: "p1" }), password: "secret" }), {
      changes: false,
    });
  });

  it("keeps what was found out as another text, where that is told, and reads it as before", async () => {
    const finding = withSpecText(probe, { found: ["phase", "size"] });
    const { id, outs } = await finding.create(text({ name: "p1", phaseMs: 1 }));
    const { found, spec, ...others } = outs;
    assert.equal(JSON.parse(String(found)).phase, 3);
    assert.deepEqual(JSON.parse(String(spec)), { name: "p1", phaseMs: 1 });
    assert.equal("phase" in others, false);
    assert.deepEqual(await finding.diff(id, outs, text({ name: "p1", phaseMs: 1 })), { changes: false });
    const failing = finding.create(text({ name: "p1", phaseMs: 1, failAfter: 2 }));
    const error: unknown = await failing.catch((reason: unknown) => reason);
    const kept: Properties = Reflect.get(Object(error), "properties");
    assert.equal(JSON.parse(String(kept.found)).phase, 2);
    const resumed = await finding.update(id, kept, text({ name: "p1", phaseMs: 1, size: 4 }));
    assert.equal(JSON.parse(String(resumed.outs.found)).phase, 3);
    const { props } = await finding.read(id, resumed.outs);
    assert.equal(JSON.parse(String(props.found)).phase, 3);
  });

  it("sees a change in it, and names the text where that replaces the resource", async () => {
    const { id, outs } = await lifecycle.create(text({ name: "p1", phaseMs: 1 }));
    assert.deepEqual(await lifecycle.diff(id, outs, text({ name: "p1", size: 2 })), { changes: true });
    assert.deepEqual(await lifecycle.diff(id, outs, text({ name: "p1", place: "there" })), {
      changes: true,
      replaces: ["spec"],
      deleteBeforeReplace: true,
    });
  });

  it("reads a state that an older release stored one by one: no change, and the next update writes the text", async () => {
    const { id, outs } = await probe.create({ name: "p1", phaseMs: 1 });
    assert.equal(outs.name, "p1");
    assert.deepEqual(await lifecycle.diff(id, outs, text({ name: "p1" })), { changes: false });
    const { seen: _, ...read } = outs;
    assert.deepEqual(await lifecycle.read(id, outs), { id, props: read });
    const updated = await lifecycle.update(id, outs, text({ name: "p1", size: 2 }));
    assert.deepEqual(JSON.parse(String(updated.outs.spec)).size, 2);
    assert.equal("name" in updated.outs, false);
  });

  it("keeps what a failed operation has done as a text, too, so that the next one resumes from it", async () => {
    const failing = lifecycle.create(text({ name: "p1", phaseMs: 1, failAfter: 2 }));
    const error: unknown = await failing.then(
      () => assert.fail("it did not fail"),
      (reason: unknown) => reason,
    );
    const kept: Properties = Reflect.get(Object(error), "properties");
    assert.equal(Reflect.get(Object(error), "id"), "probe-p1");
    assert.equal(kept.__provider, "shell");
    assert.equal(kept.phase, 2);
    assert.equal(JSON.parse(String(kept.spec)).name, "p1");
    const { outs } = await lifecycle.update("probe-p1", kept, text({ name: "p1", phaseMs: 1 }));
    assert.equal(outs.phase, 3);
  });

  it("refuses a change with its message alone: the provider host would print a stack beside it", async () => {
    const refusing = withSpecText({ ...probe, diff: () => Promise.reject(new Error("p1: refused. [REFUSED]")) });
    await assert.rejects(refusing.diff("probe-p1", text({ name: "p1" }), text({ name: "p2" })), (error: Error) => {
      assert.equal(`${error}: ${error.stack}`, "p1: refused. [REFUSED]: ", "as the host prints it");
      return true;
    });
  });

  it("hands an operation what only the provider's process knows, and stores none of it in the text", async () => {
    const seen: Properties[] = [];
    const inner: Lifecycle = {
      ...probe,
      create: (inputs) => {
        seen.push(inputs);
        return probe.create(inputs);
      },
    };
    const completed = withSpecText(inner, { complete: (inputs) => ({ ...inputs, size: 7 }) });
    const { outs } = await completed.create(text({ name: "p1", phaseMs: 1 }));
    assert.equal(seen[0]?.size, 7);
    assert.deepEqual(JSON.parse(String(outs.spec)), { name: "p1", phaseMs: 1 });
  });
});
