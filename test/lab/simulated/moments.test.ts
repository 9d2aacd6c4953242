import assert from "node:assert/strict";
import { COMING, MOMENTS, Moments } from "../../../lab/simulated/moments.js";

describe("moments of a simulated machine", () => {
  const noted = () => {
    const moments = new Moments();
    const log: string[] = [];
    const once = (machine: string, moment: (typeof COMING)[number], owner = "machine") =>
      moments.once({ machine, moment, owner, act: () => log.push(`${machine} ${moment}`) });
    return { moments, log, once };
  };

  it("what waits for one happens when the machine comes there, once, and for no other machine", () => {
    const { moments, log, once } = noted();
    once("node01", "format");
    moments.reached("node02", "format");
    moments.reached("node01", "closure");
    assert.deepEqual(log, []);
    moments.reached("node01", "format");
    moments.reached("node01", "format");
    assert.deepEqual(log, ["node01 format"]);
  });

  it("several wait for the same one; what was taken back does not happen", () => {
    const { moments, log, once } = noted();
    once("node01", "dhcp");
    once("node01", "dhcp");
    once("node10", "dhcp");
    once("node01", "wipe");
    moments.reached("node01", "dhcp");
    moments.forget("machine", "node01");
    moments.reached("node01", "wipe");
    moments.reached("node10", "dhcp");
    assert.deepEqual(log, ["node01 dhcp", "node01 dhcp", "node10 dhcp"]);
  });

  it("what is to go wrong with something else goes on waiting for the same machine", () => {
    const { moments, log, once } = noted();
    once("node01", "dhcp", "bmc");
    once("node01", "wipe", "host");
    moments.forget("machine", "node01");
    moments.forget("nix");
    moments.reached("node01", "dhcp");
    moments.forget("host");
    moments.reached("node01", "wipe");
    assert.deepEqual(log, ["node01 dhcp"]);
  });

  it("all of them are those of an installation, of an update and of a removal", () => {
    const all = Object.values(MOMENTS).flatMap((moments): string[] => [...moments]);
    assert.deepEqual([...COMING].sort(), [...new Set(all)].filter((moment) => moment !== "before").sort());
  });
});
