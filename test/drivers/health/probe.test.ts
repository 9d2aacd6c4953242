import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import type { RequestListener } from "node:http";
import { createServer } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { probeHealth } from "../../../drivers/health/probe.js";
import { CertificateAuthority } from "../../lab/services/certificates.js";

describe("health driver: one endpoint's own word", () => {
  const directory = mkdtempSync(join(tmpdir(), "flint-health-"));
  const read = (name: string) => readFileSync(join(directory, name), "utf8");
  before(() => {
    new CertificateAuthority(join(directory, "ca")).issue(directory, "node01", ["node01.test"], ["127.0.0.1"]);
    new CertificateAuthority(join(directory, "other")).issue(join(directory, "foreign"), "x", [], ["127.0.0.1"]);
  });
  after(() => rmSync(directory, { recursive: true }));

  /** Asks a server on loopback that answers as given. */
  async function probe(answer: RequestListener, change: { host?: string; ca?: string; signal?: AbortSignal } = {}) {
    const server = createServer({ cert: read("node.crt"), key: read("node.key") }, answer).listen(0, "127.0.0.1");
    await once(server, "listening");
    const address = server.address();
    if (address === null || typeof address === "string") return assert.fail("no port");
    try {
      return await probeHealth(`https://${change.host ?? "127.0.0.1"}:${address.port}`, {
        ca: change.ca ?? read("ca.crt"),
        deadlineMs: 500,
        ...(change.signal ? { signal: change.signal } : {}),
      });
    } finally {
      server.closeAllConnections();
      server.close();
    }
  }

  it("200 is healthy, whatever the body", async () => {
    const asked: string[] = [];
    const answer = await probe((request, response) => {
      asked.push(`${request.method} ${request.url}`);
      response.end("x".repeat(100_000));
    });
    assert.deepEqual([answer, asked], [{ health: "healthy", detail: "200" }, ["GET /health"]]);
  });

  for (const status of [204, 302, 404, 503])
    it(`${status} is not`, async () => {
      const answer = await probe((_, response) => response.writeHead(status, { location: "/" }).end());
      assert.deepEqual(answer, { health: "unhealthy", detail: String(status) });
    });

  it("no answer in time is silence", async () => {
    assert.deepEqual(await probe(() => {}), { health: "silent", detail: "nothing within 0.5 s" });
  });

  it("a closed port is silence", async () => {
    const answer = await probeHealth("https://127.0.0.1:1", { ca: read("ca.crt"), deadlineMs: 500 });
    assert.deepEqual(answer, { health: "silent", detail: "ECONNREFUSED" });
  });

  it("another authority's certificate, and one for another name, are silence", async () => {
    const ok: RequestListener = (_, response) => response.end();
    assert.deepEqual(await probe(ok, { ca: read("foreign/ca.crt") }), {
      health: "silent",
      detail: "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
    });
    assert.deepEqual(await probe(ok, { host: "localhost" }), {
      health: "silent",
      detail: "ERR_TLS_CERT_ALTNAME_INVALID",
    });
  });

  it("a cancel is thrown, not told as silence", async () => {
    const reason = new Error("cancelled");
    await assert.rejects(
      probe(() => {}, { signal: AbortSignal.abort(reason) }),
      (error) => error === reason,
    );
  });
});
