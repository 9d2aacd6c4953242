import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import type { RequestListener } from "node:http";
import { createServer } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { probeHealth } from "../../../drivers/health/probe.js";
import { CertificateAuthority } from "../../lab/services/certificates.js";
import { portOf } from "../../loopback.js";

describe("health driver: one endpoint's own word", () => {
  const directory = mkdtempSync(join(tmpdir(), "flint-health-"));
  const read = (name: string) => readFileSync(join(directory, name), "utf8");
  before(() => {
    const authority = new CertificateAuthority(join(directory, "ca"));
    authority.issue(directory, "node01", ["node01.test"], ["127.0.0.1"]);
    for (const [name, from] of [
      ["expired", inDays(-9)],
      ["early", inDays(5)],
    ] as const)
      authority.issue(join(directory, name), "node01", [], ["127.0.0.1"], "ec", from);
    new CertificateAuthority(join(directory, "other")).issue(join(directory, "foreign"), "x", [], ["127.0.0.1"]);
  });
  after(() => rmSync(directory, { recursive: true }));

  /** Asks a server on loopback that answers as given. */
  async function probe(
    answer: RequestListener,
    change: { host?: string; ca?: string; signal?: AbortSignal; of?: string; deadlineMs?: number } = {},
  ) {
    const [cert, key] = ["node.crt", "node.key"].map((file) => read(join(change.of ?? "", file)));
    const server = createServer({ cert, key }, answer).listen(0, "127.0.0.1");
    await once(server, "listening");
    try {
      return await probeHealth(`https://${change.host ?? "127.0.0.1"}:${portOf(server)}`, {
        ca: change.ca ?? read("ca.crt"),
        deadlineMs: change.deadlineMs ?? 15_000,
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
    assert.deepEqual(await probe(() => {}, { deadlineMs: 500 }), { health: "silent", detail: "nothing within 0.5 s" });
  });

  it("a closed port is silence", async () => {
    const answer = await probeHealth("https://127.0.0.1:1", { ca: read("ca.crt"), deadlineMs: 15_000 });
    assert.deepEqual(answer, { health: "silent", detail: "ECONNREFUSED" });
  });

  it("another authority's certificate, and one for another name, are silence", async () => {
    const ok: RequestListener = (_, response) => response.end();
    assert.deepEqual(await probe(ok, { ca: read("foreign/ca.crt") }), {
      health: "silent",
      detail: "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
      fault: { kind: "unverified", code: "UNABLE_TO_VERIFY_LEAF_SIGNATURE" },
    });
    assert.deepEqual(await probe(ok, { host: "localhost" }), {
      health: "silent",
      detail: "with the certificate of node01",
      fault: { kind: "other", of: "node01" },
    });
  });

  it("so is a certificate that has expired or is not valid yet, with its day", async () => {
    const asked: string[] = [];
    const note: RequestListener = (request, response) => {
      asked.push(String(request.url));
      response.end();
    };
    const [at, from] = [inDays(-7), inDays(5)];
    assert.deepEqual(await probe(note, { of: "expired" }), {
      health: "silent",
      detail: `with a certificate that expired on ${day(at)} 00:00 UTC`,
      fault: { kind: "expired", at },
    });
    assert.deepEqual(await probe(note, { of: "early" }), {
      health: "silent",
      detail: `with a certificate that is valid only from ${day(from)} 00:00 UTC`,
      fault: { kind: "not-yet-valid", from },
    });
    assert.deepEqual(asked, []);
  });

  it("a cancel is thrown, not told as silence", async () => {
    const reason = new Error("cancelled");
    await assert.rejects(
      probe(() => {}, { signal: AbortSignal.abort(reason) }),
      (error) => error === reason,
    );
  });
});

/** The beginning of the day so many days from now: certificates of these tests begin and end there. */
function inDays(days: number): Date {
  return new Date(`${day(new Date(Date.now() + days * 86_400_000))}T00:00:00Z`);
}

function day(date: Date): string {
  return date.toISOString().slice(0, 10);
}
