import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import { setTimeout } from "node:timers/promises";
import { fetchFromHere, inWordsFromHere } from "../../../providers/pxe-server/from-here.js";
import { freePort, portOf } from "../../loopback.js";

const sha256 = (content: Buffer) => createHash("sha256").update(content).digest("hex");
const never = new AbortController().signal;

// Against the real servers, over a network: test/providers/host/real-host.test.ts.
describe("boot files as seen from where Flint runs", function () {
  this.timeout(120_000);
  const script = randomBytes(3_000);
  const firmware = randomBytes(300);
  /** Longer than the first file may let wait for itself. */
  const trickle = async (response: ServerResponse) => {
    for (let part = 0; part < 6; part++) {
      response.write(script.subarray(500 * part, 500 * (part + 1)));
      await setTimeout(500);
    }
    response.end();
  };
  const web = createServer((request, response) => {
    if (request.url === "/large") return void trickle(response);
    if (request.url === "/cut-off")
      return void response.writeHead(200, { "content-length": 4_000 }).write(script, () => response.destroy());
    if (request.url !== "/boot.ipxe") response.statusCode = 404;
    response.end(script);
  });
  const tftp = createSocket("udp4");
  let http = "";
  let ftp = "";

  before(async () => {
    tftp.on("message", (packet, client) => {
      const name = packet.toString("latin1", 2).split("\0")[0];
      const answer =
        name === "none"
          ? Buffer.from("\0\x05\0\x01not here\0")
          : Buffer.concat([Buffer.from("\0\x03\0\x01"), firmware]);
      if (packet[1] === 1 && name !== "silent") tftp.send(answer, client.port, client.address);
    });
    tftp.bind(0, "127.0.0.1");
    web.listen(0, "127.0.0.1");
    await Promise.all([once(tftp, "listening"), once(web, "listening")]);
    http = `http://127.0.0.1:${portOf(web)}`;
    ftp = `tftp://127.0.0.1:${tftp.address().port}`;
  });
  after(() => {
    web.close();
    web.closeAllConnections();
    tftp.close();
  });

  it("are those that were written", async () => {
    const files = [
      { url: `${http}/boot.ipxe`, sha256: sha256(script) },
      { url: `${ftp}/ipxe.efi`, sha256: sha256(firmware) },
    ];
    assert.deepEqual(await fetchFromHere(files, never), { problems: [], unanswered: [] });
  });

  it("are told apart where another content comes, a refusal, or nothing", async () => {
    const other = sha256(Buffer.from("other"));
    const names = [`${http}/boot.ipxe`, `${http}/gone`, `${ftp}/ipxe.efi`, `${ftp}/none`, `${ftp}/silent`];
    const { problems, unanswered } = await fetchFromHere(
      names.map((url) => ({ url, sha256: other })),
      never,
    );
    const foreign = "another content, so another machine or a proxy answers at 127.0.0.1";
    assert.deepEqual(problems, [
      { url: `${http}/boot.ipxe`, found: foreign, sha256: sha256(script) },
      { url: `${http}/gone`, found: "status 404" },
      { url: `${ftp}/ipxe.efi`, found: foreign, sha256: sha256(firmware) },
      { url: `${ftp}/none`, found: "error 1: not here" },
    ]);
    assert.deepEqual(problems.map(inWordsFromHere).slice(0, 2), [
      `${http}/boot.ipxe as seen from here: ${foreign}`,
      `${http}/gone as seen from here: status 404`,
    ]);
    assert.deepEqual(unanswered, [`${ftp}/silent`]);
  });

  it("may take their time, as long as they come; what breaks off did not come", async () => {
    const files = [`${http}/large`, `${http}/cut-off`].map((url) => ({ url, sha256: sha256(script) }));
    assert.deepEqual(await fetchFromHere(files, never), { problems: [], unanswered: [`${http}/cut-off`] });
  });

  it("are none of ours to judge where the network is not reached", async () => {
    const files = [`http://127.0.0.1:${await freePort()}/boot.ipxe`, `${ftp}/ipxe.efi`].map((url) => ({
      url,
      sha256: "",
    }));
    assert.deepEqual(await fetchFromHere(files, never), { problems: [], unanswered: files.map(({ url }) => url) });
  });
});
