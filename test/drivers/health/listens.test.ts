import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type Server } from "node:net";
import { listens } from "../../../drivers/health/listens.js";
import { portOf } from "../../loopback.js";

describe("health driver: whether anything listens", () => {
  const { signal } = new AbortController();
  let server: Server;
  let url: string;
  before(async () => {
    server = createServer().listen(0, "127.0.0.1"); // takes connections, and never says anything
    await once(server, "listening");
    url = `https://127.0.0.1:${portOf(server)}`;
  });
  after(() => server.close());

  it("an open port does, whatever is behind it", async () =>
    assert.equal(await listens(url, { deadlineMs: 5_000, signal }), true));

  it("a closed port does not", async () =>
    assert.equal(await listens("https://127.0.0.1:1", { deadlineMs: 5_000, signal }), false));

  it("an address from which nothing comes back does not", async () =>
    // 192.0.2.0/24 is nobody's (RFC 5737).
    assert.equal(await listens("https://192.0.2.1:2379", { deadlineMs: 50, signal }), false));

  it("a cancel is thrown, not told as silence", async () => {
    const reason = new Error("cancelled");
    await assert.rejects(
      listens(url, { deadlineMs: 5_000, signal: AbortSignal.abort(reason) }),
      (error) => error === reason,
    );
  });
});
