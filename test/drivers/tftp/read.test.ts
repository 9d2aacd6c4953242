import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { createSocket, type RemoteInfo, type Socket } from "node:dgram";
import { once } from "node:events";
import { readTftp } from "../../../drivers/tftp/read.js";

/** How a server behaves. dnsmasq itself is read from in test/providers/host, over a real network. */
interface Manners {
  content: Buffer;
  /** Without it the server knows no options, as those of RFC 1350 alone. */
  blockSize?: number;
  /** Sends each packet twice. */
  stutters?: boolean;
  error?: { code: number; text: string };
  silentAfter?: number;
  /** Called with the number of each block that is acknowledged. */
  onAcknowledged?: (block: number) => void;
}

/** A server on loopback; each transfer has a port of its own, as RFC 1350 wants it. */
async function serve(manners: Manners): Promise<{ port: number; close(): void }> {
  const sockets: Socket[] = [];
  const open = async () => {
    const socket = createSocket("udp4").bind(0, "127.0.0.1");
    sockets.push(socket);
    await once(socket, "listening");
    return socket;
  };
  const door = await open();
  let sent = 0;
  const clients = new Set<number>();
  door.on("message", async (_, client: RemoteInfo) => {
    if (clients.has(client.port)) return; // asked again: the transfer has its own port already
    clients.add(client.port);
    const transfer = await open();
    const send = (...parts: Buffer[]) => {
      sent += 1;
      if (sent > (manners.silentAfter ?? Number.POSITIVE_INFINITY)) return;
      for (let times = manners.stutters === true ? 2 : 1; times > 0; times--)
        transfer.send(Buffer.concat(parts), client.port, client.address);
    };
    const head = (op: number, number: number) => Buffer.from([0, op, number >> 8, number & 255]);
    const size = manners.blockSize ?? 512;
    const data = (block: number) => send(head(3, block), manners.content.subarray((block - 1) * size, block * size));
    transfer.on("message", (packet) => {
      const acknowledged = packet.readUInt16BE(2);
      manners.onAcknowledged?.(acknowledged);
      if (acknowledged * size <= manners.content.length) data(acknowledged + 1);
    });
    if (manners.error !== undefined) send(head(5, manners.error.code), Buffer.from(`${manners.error.text}\0`));
    else if (manners.blockSize === undefined) data(1);
    else send(Buffer.from([0, 6]), Buffer.from(`blksize\0${manners.blockSize}\0`));
  });
  return { port: door.address().port, close: () => sockets.forEach((socket) => void socket.close()) };
}

async function read(manners: Manners, file = "ipxe.efi") {
  const server = await serve(manners);
  try {
    return await readTftp("127.0.0.1", file, { port: server.port, quietMs: 150, retries: 30 });
  } finally {
    server.close();
  }
}

describe("reading a file by TFTP", function () {
  this.timeout(120_000);

  for (const blockSize of [undefined, 1428, 512, 1024])
    it(`gets files of every length, with ${blockSize === undefined ? "no options" : `blocks of ${blockSize}`}`, async () => {
      const edge = blockSize ?? 512;
      for (const length of [0, 1, edge - 1, edge, edge + 1, 3 * edge, 100_000]) {
        const content = randomBytes(length);
        assert.deepEqual(await read({ content, ...(blockSize === undefined ? {} : { blockSize }) }), { content });
      }
    });

  it("gets it whole over a network that doubles packets", async () => {
    const content = randomBytes(20_000);
    assert.deepEqual(await read({ content, blockSize: 1428, stutters: true }), { content });
  });

  it("acknowledges the last block, too: the server is done with it, and says so in its log", async () => {
    const server = { last: 0 };
    const done = new Promise<void>((resolve) => {
      const onAcknowledged = (block: number) => {
        server.last = block;
        if (block === 3) resolve();
      };
      void serve({ content: Buffer.alloc(1_200), onAcknowledged }).then(async ({ port, close }) => {
        await readTftp("127.0.0.1", "ipxe.efi", { port });
        await Promise.race([done, new Promise((give) => setTimeout(give, 60_000).unref())]);
        close();
        resolve();
      });
    });
    await done;
    assert.equal(server.last, 3);
  });

  it("tells what the server refuses, and that nothing answers, or nothing more", async () => {
    const missing = { content: Buffer.alloc(0), error: { code: 1, text: "File not found" } };
    assert.deepEqual(await read(missing), { refused: "error 1: File not found" });
    const server = await serve({ content: randomBytes(9_000), blockSize: 1428, silentAfter: 3 });
    const brief = { port: server.port, quietMs: 50, retries: 2 };
    assert.equal(await readTftp("127.0.0.1", "x", brief), "no answer");
    server.close();
    assert.equal(await readTftp("127.0.0.1", "x", brief), "no answer");
  });

  it("ends when it is cancelled, with the signal's reason", async () => {
    const stop = new AbortController();
    const reading = readTftp("127.0.0.1", "x", { port: 9, quietMs: 60_000, signal: stop.signal });
    stop.abort(new Error("enough"));
    await assert.rejects(reading, { message: "enough" });
  });
});
