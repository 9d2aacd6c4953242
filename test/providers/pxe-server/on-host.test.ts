import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import { fetchedOtherwise } from "../../../providers/pxe-server/on-host.js";
import { freePort, portOf } from "../../loopback.js";
import { hostHere } from "../host-here.js";

const sha256 = (content: string) => createHash("sha256").update(content).digest("hex");
const never = new AbortController().signal;

// With TFTP, against the real servers: test/providers/host/real-host.test.ts.
describe("files as the host gets them", function () {
  this.timeout(120_000);
  const web = createServer((request, response) => {
    if (request.url === "/cut-off")
      return void response.writeHead(200, { "content-length": 9 }).write("half", () => response.destroy());
    if (request.url === "/gone") response.statusCode = 404;
    response.end("right");
  });
  let http = "";

  before(async () => {
    await once(web.listen(0, "127.0.0.1"), "listening");
    http = `http://127.0.0.1:${portOf(web)}`;
  });
  after(() => {
    web.close();
    web.closeAllConnections();
  });

  it("are told where another content comes, with its digest; a refusal; a part of it", async () => {
    const files = [
      { url: `${http}/right`, sha256: sha256("right") },
      { url: `${http}/another`, sha256: sha256("wrong") },
      { url: `${http}/gone`, sha256: sha256("right") },
      { url: `${http}/cut-off`, sha256: sha256("half") },
    ];
    const [another, gone, cutOff, ...more] = await fetchedOtherwise(hostHere(), files, never);
    assert.deepEqual(another, { url: `${http}/another`, found: "another content", sha256: sha256("right") });
    assert.deepEqual(
      [gone?.url, gone?.sha256, cutOff?.url, cutOff?.sha256],
      [`${http}/gone`, undefined, `${http}/cut-off`, undefined],
    );
    assert.match(gone?.found ?? "", /^curl: \(22\) The requested URL returned error: 404( Not Found)?$/);
    assert.match(cutOff?.found ?? "", /^curl: \(18\) .*[a-z]$/);
    assert.deepEqual(more, []);
  });

  it("are told with curl's own words where nothing answers", async () => {
    const url = `http://127.0.0.1:${await freePort()}/boot.ipxe`;
    const [silent] = await fetchedOtherwise(hostHere(), [{ url, sha256: sha256("") }], never);
    assert.match(silent?.found ?? "", /^curl: \(7\) Failed to connect /);
  });
});
