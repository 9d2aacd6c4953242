import assert from "node:assert/strict";
import { execa } from "execa";
import { layTaggedCable } from "../../../lab/boot/tagged-cable.js";
import { Wire } from "../../../lab/boot/wire.js";
import { skipUnlessRoot } from "./skip-unless-root.js";

/** Asks every fifth of a second for so long, and prints what comes back. */
const ask = (ms: number) => `const socket = require("node:dgram").createSocket("udp4");
const end = (text) => { console.log(text); process.exit(); };
socket.on("message", (text) => end(String(text))).on("error", () => {});
setInterval(() => socket.send("ping", 999, "10.5.0.2"), 200);
setTimeout(end, ${ms}, "nothing");`;
const ANSWER = `const socket = require("node:dgram").createSocket("udp4");
socket.on("message", (_, { port, address }) => socket.send("pong", port, address));
socket.bind(999, "10.5.0.2", () => console.log("ready"));`;

describe("a tagged cable", function () {
  this.timeout(120_000);
  skipUnlessRoot();

  /** What one host hears of another, each at its own end. */
  async function heard(ms: number, ...tags: [number, number]): Promise<string> {
    const wire = await Wire.create();
    const closing: (() => unknown)[] = [() => wire.close()];
    try {
      for (const host of ["asking", "answering"]) await wire.addHost(host);
      const end = (host: string, vlan: number) => ({
        on: (command: readonly string[]) => wire.on(host, command),
        device: `eth1.${vlan}`,
        vlan,
      });
      const ends = [end("asking", tags[0]), end("answering", tags[1])] as const;
      const cable = await layTaggedCable(...ends);
      closing.unshift(() => cable.close());
      for (const [at, host] of ["asking", "answering"].entries()) {
        await wire.run(host, "ip", "addr", "add", `10.5.0.${at + 1}/24`, "dev", ends[at]?.device ?? "");
        await wire.run(host, "ip", "link", "set", ends[at]?.device ?? "", "up");
      }
      const [program, args] = wire.on("answering", [process.execPath, "-e", ANSWER]);
      const answering = execa(program, args, { reject: false, timeout: 60_000 });
      closing.unshift(async () => {
        answering.kill();
        await answering;
      });
      await new Promise((ready) => answering.stdout.once("data", ready));
      return await wire.run("asking", process.execPath, "-e", ask(ms));
    } finally {
      for (const close of closing) await close();
    }
  }

  it("connects two hosts that have the same tag, and only such", async () => {
    assert.equal(await heard(12_000, 100, 100), "pong");
    assert.equal(await heard(2_000, 100, 200), "nothing");
  });
});
