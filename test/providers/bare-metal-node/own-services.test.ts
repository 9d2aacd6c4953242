import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { awaitOwnServices } from "../../../providers/bare-metal-node/own-services.js";
import { openProgress } from "../../../providers/runtime/progress.js";
import { CertificateAuthority } from "../../lab/services/certificates.js";
import { portOf } from "../../loopback.js";

describe("the services of a machine without a vote", () => {
  const directory = mkdtempSync(join(tmpdir(), "flint-own-services-"));
  const read = (name: string) => readFileSync(join(directory, name), "utf8");
  let voterServes = false;
  let founder: Server;
  let own: Server;
  const told: string[] = [];

  before(async () => {
    new CertificateAuthority(join(directory, "ca")).issue(directory, "node01", [], ["127.0.0.1"]);
    const tls = { cert: read("node.crt"), key: read("node.key") };
    founder = createServer(tls, (_, response) => response.writeHead(voterServes ? 200 : 503).end());
    own = createServer(tls, (_, response) => response.writeHead(503).end());
    for (const server of [founder, own]) await once(server.listen(0, "127.0.0.1"), "listening");
  });
  after(() => {
    for (const server of [founder, own]) server.close();
    rmSync(directory, { recursive: true });
  });
  beforeEach(() => {
    voterServes = false;
    told.length = 0;
  });

  /** Waits as one resource at work, beside `others` that do something. */
  async function wait(name: string, { others = 0, cluster = "test" } = {}): Promise<void> {
    const progresses = Array.from({ length: 1 + others }, (_, n) => openProgress(`urn:${name}:${n}`, () => {}));
    const want = {
      ...{ name, cluster, ca: read("ca.crt"), deadlines: { firstBoot: 1.5 } },
      services: { plasmavmc: `https://127.0.0.1:${portOf(own)}` },
      config: { initial_members: [{ id: "node01" }] },
      data: {
        hosts: { node01: { provisioning: "127.0.0.1" } },
        services: { chainfire: { apiPort: portOf(founder) } },
      },
    };
    const node = {
      want,
      run: { info: (text: string) => told.push(text) },
      signal: AbortSignal.timeout(30_000),
      say() {},
    };
    try {
      await awaitOwnServices(node);
    } finally {
      for (const progress of progresses) progress.end();
    }
  }

  const unhealthy = (name: string) => ({
    message: `${name}, plasmavmc: expected plasmavmc on ${name} to be healthy within 1.5 s but found plasmavmc answers 503. See \`journalctl -u plasmavmc\` on ${name}. [SERVICE_UNHEALTHY]`,
  });

  it("are waited for to the deadline while anything else goes on, which may be a voter's installation", async () => {
    await assert.rejects(wait("node04", { others: 1 }), unhealthy("node04"));
    assert.deepEqual(told, []);
  });

  it("are waited for to the deadline where a voter serves: they have what they need", async () => {
    voterServes = true;
    await assert.rejects(wait("node04"), unhealthy("node04"));
    assert.deepEqual(told, []);
  });

  it("are left to ClusterHealth when all that is at work waits for voters that the engine has not begun", async () => {
    await Promise.all([wait("node04"), wait("node05")]);
    assert.deepEqual(told, [
      `${told[0]?.split(" ")[0]} runs, and its services wait for voters, which Pulumi has not begun yet: machines without a vote are not waited for until those serve; ClusterHealth looks at all of them in the end. With PULUMI_PARALLEL at the number of machines all begin together.`,
    ]);
  });

  it("of the next machines are left to it at once, until a voter serves", async () => {
    await wait("node06", { others: 1 });
    assert.deepEqual(told, []);
    await assert.rejects(wait("node07", { others: 1, cluster: "another" }), unhealthy("node07"));
    voterServes = true;
    await assert.rejects(wait("node08", { others: 1 }), unhealthy("node08"));
  });
});
