import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import { publishedPath } from "../../../providers/netboot-image/plan.js";
import type { Pointer } from "../../../providers/netboot-image/schema.js";
import { expectLengths, expectWhole } from "../../../providers/netboot-image/served.js";
import { freePort, portOf } from "../../loopback.js";
import { hostHere } from "../host-here.js";

const sha256 = (content: Buffer) => createHash("sha256").update(content).digest("hex");
const never = new AbortController().signal;
const kernel = randomBytes(1_000_000);
const initrd = randomBytes(3_000_000);
const described = (file: "bzImage" | "initrd", content: Buffer) => ({
  path: publishedPath(file, sha256(content)),
  size: content.length,
  sha256: sha256(content),
});
const pointer: Pointer = {
  profile: "worker",
  arch: "x86_64",
  kernel: described("bzImage", kernel),
  initrd: described("initrd", initrd),
  cmdline: "console=ttyS0",
};

// With another web server and another machine in a real network: test/providers/host/real-host.test.ts.
describe("an image that was published", function () {
  this.timeout(120_000);
  /** What comes for the initrd, where the host asks and where Flint does; undefined closes the connection. */
  let comes: { onHost: Buffer; here: Buffer | undefined };
  let asked: string[];
  const web = createServer((request, response) => {
    const who = request.headers["user-agent"]?.startsWith("curl") ? "onHost" : "here";
    const name = request.url?.split("/").at(-1);
    asked.push(`${request.method} ${name} ${who}`);
    const content = name === "bzImage" ? kernel : comes[who];
    if (comes[who] === undefined || content === undefined) return void response.destroy();
    response.setHeader("content-length", content.length);
    response.end(request.method === "HEAD" ? undefined : content);
  });
  let http = "";

  before(async () => {
    await once(web.listen(0, "127.0.0.1"), "listening");
    http = `http://127.0.0.1:${portOf(web)}`;
  });
  beforeEach(() => {
    comes = { onHost: initrd, here: initrd };
    asked = [];
  });
  after(() => {
    web.close();
    web.closeAllConnections();
  });
  const { path, size, sha256: built } = pointer.initrd;
  const other = Buffer.alloc(initrd.length);

  it("is asked for its lengths only, each time", async () => {
    assert.equal(await expectLengths(hostHere(), http, pointer, never), true);
    assert.deepEqual(asked, ["HEAD bzImage onHost", "HEAD initrd onHost"]);
    comes.onHost = Buffer.alloc(5);
    await assert.rejects(expectLengths(hostHere(), http, pointer, never), {
      message:
        `provisioning host, image worker: expected ${http}${pointer.kernel.path} with 1000000 bytes and ${http}${path} with ${size} bytes ` +
        `but found 5 bytes of ${path}. Another web server may answer at this address, or its files are on another disk: check the host. [IMAGE_NOT_SERVED]`,
    });
  });

  it("is none of ours to judge before there is a web server", async () => {
    assert.equal(await expectLengths(hostHere(), `http://127.0.0.1:${await freePort()}`, pointer, never), false);
  });

  it("is fetched whole when it is new, on the host and from where Flint runs", async () => {
    assert.deepEqual(await expectWhole(hostHere(), http, pointer, never), []);
    assert.deepEqual(asked, ["GET bzImage onHost", "GET initrd onHost", "GET bzImage here", "GET initrd here"]);
  });

  it("is refused where the host gets other bytes of the same length; then nothing is fetched from here", async () => {
    comes.onHost = other;
    await assert.rejects(expectWhole(hostHere(), http, pointer, never), {
      message:
        `provisioning host, image worker: expected ${http}${path} with SHA-256 ${built} but found SHA-256 ${sha256(other)} of ${path}. ` +
        "Another web server may answer at this address, or its files are on another disk: check the host. [IMAGE_NOT_SERVED]",
    });
    assert.deepEqual(asked, ["GET bzImage onHost", "GET initrd onHost"]);
  });

  it("is refused where it comes right on the host, but not from outside", async () => {
    comes.here = other;
    await assert.rejects(expectWhole(hostHere(), http, pointer, never), {
      message:
        `provisioning host, image worker: expected ${http}${path} with SHA-256 ${built} but found SHA-256 ${sha256(other)} of ${path}, as seen from here. ` +
        "The host itself gets the right files: another machine has the address 127.0.0.1, or a proxy or cache is between. [IMAGE_NOT_SERVED]",
    });
  });

  it("is good enough as the host gets it where the network is not reached from here, and that is found out once", async () => {
    comes.here = undefined;
    const urls = [pointer.kernel.path, path].map((each) => `${http}${each}`);
    assert.deepEqual(await expectWhole(hostHere(), http, pointer, never), urls);
    asked = [];
    assert.deepEqual(await expectWhole(hostHere(), http, pointer, never), []);
    assert.deepEqual(asked, ["GET bzImage onHost", "GET initrd onHost"]);
  });
});
