import assert from "node:assert/strict";
import fc from "fast-check";
import { isFlintError } from "../../../foundation/errors.js";
import { type NodeStep, planNode, type Seen, type Wish } from "../../../providers/bare-metal-node/plan.js";
import { MARK, OLDER_MARK, OTHER_MARK, wish } from "./sight.js";

describe("BareMetalNode: whatever is seen of a machine,", () => {
  const mark = fc.constantFrom(MARK, OTHER_MARK, OLDER_MARK);
  const system: fc.Arbitrary<Seen["system"]> = fc.oneof(
    fc.constantFrom<Seen["system"]>(
      { state: "silent" },
      { state: "refused" },
      { state: "stranger" },
      { state: "login-refused" },
    ),
    fc.record({
      state: fc.constant("running" as const),
      cluster: fc.constantFrom("dev", "prod", undefined),
      node: fc.constantFrom("node01", "node02", undefined),
      mark: fc.constantFrom(MARK, OTHER_MARK, OLDER_MARK, undefined),
      toplevel: fc.constantFrom("/nix/store/old", "/nix/store/new", ""),
      rebootNeeded: fc.boolean(),
      staleMaterial: fc.subarray(["/etc/nixos/secrets/node.crt", "/etc/nixos/secrets/cluster-config.json"]),
    }),
  );
  const seen: fc.Arbitrary<Seen> = fc.record({
    system,
    installer: fc.constantFrom("running" as const, "silent" as const),
    record: fc.option(
      fc.record({
        phase: fc.constantFrom("booting", "installing", "installed", "ready", "wiping", "wiped"),
        mark,
        lasting: fc.boolean(),
      }),
      {
        nil: undefined,
      },
    ),
    power: fc.constantFrom("on" as const, "off" as const, "unknown" as const),
    bootScript: fc.constantFrom("install", "disk", "foreign", "none"),
    registeredAddress: fc.constantFrom(undefined, wish.address, "10.0.100.99"),
    serves: fc.subarray<Seen["serves"][number]>([
      { service: "chainfire", url: "https://10.0.100.50:2379", answer: "503" },
      { service: "flaredb", listed: "healthy" },
    ]),
  });
  const want = fc.record({
    ...fixed(wish),
    installedBefore: fc.boolean(),
    toplevel: fc.constantFrom(undefined, "/nix/store/new"),
  });

  /** The plan, or undefined when it was refused with a FlintError. */
  const planOf = (declared: Wish, sight: Seen): NodeStep["do"][] | undefined => {
    try {
      return planNode(declared, sight).map((step) => step.do);
    } catch (error) {
      assert.ok(isFlintError(error), String(error));
      return undefined;
    }
  };
  const holds = (title: string, property: (steps: NodeStep["do"][], sight: Seen) => void) =>
    it(title, () =>
      fc.assert(
        fc.property(want, seen, (declared, sight) => {
          const steps = planOf(declared, sight);
          if (steps !== undefined) property(steps, sight);
        }),
        { numRuns: 3000 },
      ),
    );
  const INSTALLING: NodeStep["do"][] = ["register-install", "boot-installer", "accept-disk", "install"];

  holds("a disk is written only right after it was accepted", (steps) => {
    steps.forEach((step, i) => {
      if (step === "install") assert.equal(steps[i - 1], "accept-disk");
    });
  });
  it("what the state knows as installed is never installed by an update", () =>
    fc.assert(
      fc.property(seen, (sight) => {
        const steps = planOf({ ...wish, installedBefore: true }, sight) ?? [];
        assert.equal(steps.includes("install") || steps.includes("register-install"), false);
      }),
      { numRuns: 3000 },
    ));
  holds(
    "a machine whose system runs is not installed, but for one whose next installation was begun",
    (steps, sight) => {
      const begun = ["booting", "installing"].includes(sight.record?.phase ?? "") && sight.record?.mark === MARK;
      if (sight.system.state === "running" && !(begun && sight.system.mark === OLDER_MARK))
        assert.deepEqual(
          steps.filter((step) => INSTALLING.includes(step)),
          [],
        );
    },
  );
  holds(
    "a machine whose services serve is neither registered, powered, installed nor sent away from what it runs",
    (steps, sight) => {
      const ending: NodeStep["do"][] = [...INSTALLING, "power-on", "leave-installer"];
      if (sight.serves.length > 0)
        assert.deepEqual(
          steps.filter((step) => ending.includes(step)),
          [],
        );
    },
  );
  holds("a machine recorded as installed with this mark is not installed again", (steps, sight) => {
    const finished = sight.record?.phase === "installed" || sight.record?.phase === "ready";
    if (finished && sight.record?.mark === MARK)
      assert.deepEqual(
        steps.filter((step) => INSTALLING.includes(step)),
        [],
      );
  });
  holds("a finished machine that is on is not power-cycled", (steps, sight) => {
    const finished = sight.record?.phase === "installed" || sight.record?.phase === "ready";
    if (finished && sight.power === "on") assert.ok(!steps.includes("boot-installer") && !steps.includes("power-on"));
  });
  holds("a machine that was installed boots from its disk before it is restarted", (steps) => {
    const leave = steps.indexOf("leave-installer");
    if (steps.includes("install")) assert.ok(steps.indexOf("register-disk") < leave);
  });
  holds("a boot source that lasts is set anew or taken back, whatever comes of the machine", (steps, { record }) => {
    const ends: NodeStep["do"][] = ["boot-installer", "leave-installer", "end-override"];
    if (record?.lasting === true) assert.ok(steps.some((step) => ends.includes(step)));
  });
  holds("a machine that is not running its system is waited for in the end", (steps, sight) => {
    if (sight.system.state !== "running") assert.equal(steps.at(-1), "await-system");
  });
});

function fixed<T extends object>(values: T): { [K in keyof T]: fc.Arbitrary<T[K]> } {
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [key, fc.constant(value)])) as {
    [K in keyof T]: fc.Arbitrary<T[K]>;
  };
}
