import assert from "node:assert/strict";
import { mock } from "node:test";
import { openProgress, type Progress } from "../../../providers/runtime/progress.js";

describe("the line of a resource that is at work", () => {
  const sent: string[] = [];
  let progress: Progress;

  beforeEach(() => {
    mock.timers.enable({ apis: ["setTimeout"] });
    sent.length = 0;
    progress = openProgress(
      "urn:pulumi:prod::rack::node04",
      ({ text, live }) => void sent.push(`${live ? "live" : "stays"}: ${text}`),
    );
  });
  afterEach(() => {
    void progress.end();
    mock.timers.reset();
  });

  it("is the last of those that come at once", () => {
    progress.say("first");
    progress.say("second");
    mock.timers.tick(1);
    assert.deepEqual(sent, ["live: second"]);
    mock.timers.tick(60_000);
    assert.deepEqual(sent, ["live: second"]);
  });

  it("with a clock goes on while one look takes long, until another line comes", () => {
    let seconds = 0;
    const line = () => `0:${String(seconds).padStart(2, "0")} looking`;
    progress.say(line(), line);
    mock.timers.tick(1);
    for (seconds = 5; seconds <= 10; seconds += 5) mock.timers.tick(5_000);
    assert.deepEqual(sent, ["live: 0:00 looking", "live: 0:05 looking", "live: 0:10 looking"]);
    progress.say("done looking");
    mock.timers.tick(60_000);
    assert.deepEqual(sent.slice(3), ["live: done looking"]);
  });

  it("ends with its operation", () => {
    progress.say("looking", () => "looking still");
    mock.timers.tick(1);
    void progress.end();
    mock.timers.tick(60_000);
    assert.deepEqual(sent, ["live: looking", "live: "], "the empty one takes it away");
  });

  it("shows nothing of what is still asked after that", () => {
    void progress.end();
    progress.say("provisioning host does not answer: waiting for it", () => "and waiting");
    mock.timers.tick(60_000);
    assert.deepEqual(sent, []);
  });

  it("leaves what stays, and nothing where nothing was shown", () => {
    progress.say("not sent before the end");
    void progress.end();
    assert.equal(sent.length, 0);
    const other = openProgress("urn:other", ({ text }) => void sent.push(text));
    other.say("looking");
    mock.timers.tick(1);
    other.warn("something is odd");
    void other.end();
    assert.deepEqual(sent, ["looking", "something is odd"]);
  });
});
