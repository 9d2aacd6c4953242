import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { installationBegun } from "../../../providers/bare-metal-node/begun.js";
import { connections } from "../../../providers/runtime/connections.js";
import { startSshd, type TestSshd } from "../../drivers/ssh/sshd.js";

const [FIRST, SECOND] = ["flint-11111111", "flint-22222222"];
const [CARD, OTHER_CARD] = ["52:54:00:00:00:03", "52:54:00:00:00:04"];

/** The provisioning host is a real sshd on this machine. */
describe("BareMetalNode: whether an earlier run has begun the installation that replaces a machine", () => {
  let host: TestSshd;
  before(async () => {
    host = await startSshd("provisioning host");
  });
  after(async () => {
    connections.close();
    await host[Symbol.asyncDispose]();
  });

  const machine = (mark: string, mac: string) => ({ mac, disk: { layout: "single-uefi", mark } });
  const news = (mark: string, mac = CARD) => ({
    name: "node04",
    host: host.target,
    pxe: { httpUrl: "http://127.0.0.1", root: host.directory },
    ...machine(mark, mac),
  });
  /** What the host remembers. */
  const remember = (mark: string, mac?: string) => {
    const directory = path.join(host.directory, "nodes/node04");
    mkdirSync(directory, { recursive: true });
    const record = { version: 1, node: "node04", mark, mac, nonce: "1", phase: "ready" };
    writeFileSync(path.join(directory, "record.json"), JSON.stringify(record));
  };
  const old = machine(FIRST, CARD);

  it("not while the host remembers nothing, or the old installation", async () => {
    assert.equal(await installationBegun(old, news(SECOND)), false);
    remember(FIRST, CARD);
    assert.equal(await installationBegun(old, news(SECOND)), false);
  });

  it("when it remembers the new one, an older release's record as well", async () => {
    for (const mac of [CARD, undefined]) {
      remember(SECOND, mac);
      assert.equal(await installationBegun(old, news(SECOND)), true);
    }
  });

  it("of another machine in the place of one when it remembers that: both have the same mark", async () => {
    for (const mac of [CARD, undefined]) {
      remember(FIRST, mac);
      assert.equal(await installationBegun(old, news(FIRST, OTHER_CARD)), false);
    }
    remember(FIRST, OTHER_CARD);
    assert.equal(await installationBegun(old, news(FIRST, OTHER_CARD)), true);
    assert.equal(await installationBegun(old, news(SECOND, OTHER_CARD)), false);
  });

  it("not where nothing is another", async () => {
    remember(FIRST, CARD);
    assert.equal(await installationBegun(old, news(FIRST)), false);
  });
});
