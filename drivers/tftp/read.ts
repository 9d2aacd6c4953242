import { createSocket, type RemoteInfo } from "node:dgram";

/** How a server answered a request for a file. */
export type TftpAnswer =
  | { content: Buffer }
  /** What it said: "error 1: File not found". */
  | { refused: string }
  /** Nothing came, or nothing more. */
  | "no answer";

export interface TftpOptions {
  /** Default 69. */
  port?: number;
  /** Milliseconds without a packet until the last one is sent again. Default 700. */
  quietMs?: number;
  /** Times that the last packet is sent again. Default 3. */
  retries?: number;
  signal?: AbortSignal;
}

/** RFC 1350, section 5, and RFC 2347 for the acknowledged options. */
const OP = { read: 1, data: 3, ack: 4, error: 5, options: 6 } as const;
/** Fits an Ethernet frame; firmware asks for about as much. */
const BLOCK = 1428;
/** Boot files have one or two megabytes. */
const LARGEST = 64 * 1024 * 1024;

/** Reads a whole file by TFTP (RFC 1350), in blocks of 1428 bytes where the server agrees to them (RFC 2348). */
export function readTftp(host: string, file: string, options: TftpOptions = {}): Promise<TftpAnswer> {
  const { port = 69, quietMs = 700, retries = 3, signal } = options;
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const socket = createSocket("udp4");
    const blocks: Buffer[] = [];
    let blockSize = 512;
    let bytes = 0;
    /** The server goes on from a port of its own (its transfer identifier). */
    let peer: number | undefined;
    let left = retries;
    let last = request(file);
    let timer: NodeJS.Timeout | undefined;
    const end = (act: () => void) => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", aborted);
      // Its own listeners stay: before it is bound, they are what closes it.
      socket.off("message", take);
      socket.close();
      act();
    };
    const aborted = () => end(() => reject(signal?.reason));
    const send = (packet: Buffer, sent = () => {}) => {
      last = packet;
      clearTimeout(timer);
      timer = setTimeout(again, quietMs);
      socket.send(packet, peer ?? port, host, sent); // an unreachable host shows as silence
    };
    const again = () => (left-- > 0 ? send(last) : end(() => resolve("no answer")));
    const take = (packet: Buffer, from: RemoteInfo) => {
      if (packet.length < 4 || from.address !== host || (peer !== undefined && from.port !== peer)) return;
      peer ??= from.port;
      const [op, number] = [packet.readUInt16BE(0), packet.readUInt16BE(2)];
      if (op === OP.error) return end(() => resolve({ refused: `error ${number}: ${textIn(packet, 4)}` }));
      if (op === OP.options && blocks.length === 0) {
        blockSize = blockSizeIn(packet) ?? blockSize;
        return send(acknowledge(0));
      }
      if (op !== OP.data || number !== (blocks.length + 1) % 65_536) return; // one that was sent again
      left = retries;
      blocks.push(packet.subarray(4));
      bytes += packet.length - 4;
      if (packet.length - 4 === blockSize && bytes <= LARGEST) return send(acknowledge(number));
      // A socket that is closed first takes the last acknowledgement with it, and the server sends its last block again and again.
      socket.off("message", take);
      send(acknowledge(number), () => end(() => resolve({ content: Buffer.concat(blocks) })));
    };
    socket.on("message", take);
    socket.on("error", (error) => end(() => reject(error)));
    signal?.addEventListener("abort", aborted, { once: true });
    send(last);
  });
}

function request(file: string): Buffer {
  const words = [file, "octet", "blksize", String(BLOCK)].map((word) => `${word}\0`).join("");
  return Buffer.concat([Buffer.from([0, OP.read]), Buffer.from(words, "latin1")]);
}

function acknowledge(block: number): Buffer {
  const packet = Buffer.from([0, OP.ack, 0, 0]);
  packet.writeUInt16BE(block, 2);
  return packet;
}

function textIn(packet: Buffer, start: number): string {
  return packet.toString("latin1", start).split("\0")[0] ?? "";
}

function blockSizeIn(packet: Buffer): number | undefined {
  const words = packet.toString("latin1", 2).toLowerCase().split("\0");
  const size = Number(words[words.indexOf("blksize") + 1]);
  return words.includes("blksize") && size >= 8 && size <= BLOCK ? size : undefined;
}
