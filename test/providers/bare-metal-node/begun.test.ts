import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { installationBegun } from "../../../providers/bare-metal-node/begun.js";
import { connections } from "../../../providers/runtime/connections.js";
import { startSshd, type TestSshd } from "../../drivers/ssh/sshd.js";

const [FIRST, SECOND] = ["flint-11111111", "flint-22222222"];

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

  const disk = (mark: string) => ({ disk: { layout: "single-uefi", mark } });
  const news = (mark: string) => ({
    name: "node04",
    host: host.target,
    pxe: { httpUrl: "http://127.0.0.1", root: host.directory },
    ...disk(mark),
  });
  /** What the host remembers. */
  const remember = (mark: string) => {
    const directory = path.join(host.directory, "nodes/node04");
    mkdirSync(directory, { recursive: true });
    const record = { version: 1, node: "node04", mark, nonce: "1", phase: "ready" };
    writeFileSync(path.join(directory, "record.json"), JSON.stringify(record));
  };

  it("not while the host remembers nothing, or the old installation", async () => {
    assert.equal(await installationBegun(disk(FIRST), news(SECOND)), false);
    remember(FIRST);
    assert.equal(await installationBegun(disk(FIRST), news(SECOND)), false);
  });

  it("when it remembers the new one", async () => {
    remember(SECOND);
    assert.equal(await installationBegun(disk(FIRST), news(SECOND)), true);
  });

  it("not of another machine in the place of one: both have the same mark, and the host remembers the old one", async () => {
    remember(FIRST);
    assert.equal(await installationBegun(disk(FIRST), news(FIRST)), false);
  });
});
