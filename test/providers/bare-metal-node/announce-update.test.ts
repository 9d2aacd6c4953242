import assert from "node:assert/strict";
import { bootDigest, tellUpdate } from "../../../providers/bare-metal-node/announce-update.js";

/** What a user asks of an update: is the machine restarted? */
describe("BareMetalNode: what an update does to the machine, as a preview tells it", () => {
  const DATA = { kernelParams: ["quiet"], labels: { rack: "a1" } };
  const NEWS = { data: DATA, system: "one", material: "keys", cert: "cert", ca: "ca" };
  const digests = Object.fromEntries(Object.keys(NEWS).map((key) => [key, "digest"]));
  const OLDS = { phase: "ready", toplevel: "/nix/store/system", boot: bootDigest(DATA), digests };
  const told = (change: object, olds: object = OLDS) => {
    return tellUpdate({ olds: { ...olds }, news: { ...NEWS, ...change }, changed: Object.keys(change) }).join("\n");
  };

  it("labels: no restart", () => {
    assert.equal(told({ data: { ...DATA, labels: { rack: "b2" } } }), "it is switched in place, without a restart");
  });

  it("kernel parameters: a restart", () => {
    assert.equal(
      told({ data: { ...DATA, kernelParams: ["quiet", "loglevel=5"] } }),
      "its kernel parameters changed: it is switched and restarted, one machine at a time, and only while the quorum allows it",
    );
  });

  it("another flake, or a state that does not tell: only if the kernel changed", () => {
    const perhaps =
      "it is switched in place; restarted only if its kernel or the kernel's parameters changed, one machine at a time, and only while the quorum allows it";
    assert.equal(told({ system: "two" }), perhaps);
    const { boot: _, ...older } = OLDS;
    assert.equal(told({ data: { ...DATA, labels: {} } }, older), perhaps);
  });

  it("other keys, an unfinished installation, an unfinished update", () => {
    assert.equal(
      told({ cert: "renewed" }),
      "its services are restarted with other keys or configuration, one machine at a time, and only while the quorum allows it",
    );
    assert.equal(told({}, { phase: "installed", toplevel: "" }), "its installation goes on where it was left");
    assert.match(told({}, { ...OLDS, phase: "registered" }), /^it is switched in place; restarted only if its kernel /);
    assert.equal(
      told({ cert: "renewed" }, { ...OLDS, digests: {} }),
      "the machine is looked at; nothing of its system changed",
    );
    assert.equal(told({}), "the machine is looked at; nothing of its system changed");
  });

  it("a machine that a refresh found switched off", () => {
    const off = { ...OLDS, power: "off" };
    assert.equal(told({}, off), "it was found switched off: it is switched on");
    assert.equal(
      told({ data: { ...DATA, labels: { rack: "b2" } } }, off),
      "it was found switched off: it is switched on\nit is switched in place, without a restart",
    );
    assert.match(told({}, { ...off, phase: "installed" }), /\nit is switched in place; restarted only if its kernel /);
  });
});
