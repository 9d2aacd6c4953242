import { randomBytes } from "node:crypto";
import { createSocket } from "node:dgram";
import { z } from "zod";

/**
 * Asks as one kind of firmware does, in the network namespace that this process is in, and prints the first answer as JSON. It
 * says `DHCPDISCOVER` to port 67, or `DHCPREQUEST` to a ProxyDHCP server's port 4011 (PXE 2.1, 2.2.3). It takes an address only
 * where it is told to.
 */
const Question = z.object({
  mac: z.string(),
  /** Client architecture, option 93. */
  architecture: z.number(),
  userClass: z.string().optional(),
  vendorClass: z.enum(["PXEClient", "HTTPClient"]).default("PXEClient"),
  /** A ProxyDHCP server to ask on 4011. Default: everybody, on 67. */
  proxy: z.string().optional(),
  /** The network's broadcast address, where this process is on several. */
  broadcast: z.string().default("255.255.255.255"),
  /** Only answers of this server count. Default: of any. */
  from: z.string().optional(),
  /** Takes the address that it is offered, as a machine would; the answer is then the server's acknowledgement. */
  take: z.boolean().default(false),
});
export type DhcpQuestion = z.input<typeof Question>;

/** Values of option 53, RFC 2132 section 9.6. */
const [DISCOVER, REQUEST, ACK] = [1, 3, 5];

export interface DhcpAnswer {
  /** Option 53: 2 offers, 5 acknowledges. */
  type: number;
  server: string;
  address: string;
  nextServer: string;
  /** From BOOTP's own field, or option 67. */
  file: string;
  /** Option 60. */
  vendorClass: string;
  /** Options 3 and 6. */
  routers: string[];
  nameServers: string[];
}

const DEADLINE_MS = 15_000;

function ask(question: z.output<typeof Question>): void {
  const transaction = randomBytes(4);
  const socket = createSocket({ type: "udp4", reuseAddr: true });
  let packet = render(question, transaction);
  const send = () =>
    question.proxy === undefined
      ? socket.send(packet, 67, question.broadcast)
      : socket.send(packet, 4011, question.proxy);
  socket.on("message", (message, { address }) => {
    const answer = parse(message, transaction, address);
    if (answer === undefined || (question.from !== undefined && answer.server !== question.from)) return;
    if (question.take && answer.type !== ACK) {
      packet = render(question, transaction, answer);
      return send();
    }
    process.stdout.write(`${JSON.stringify(answer)}\n`, () => process.exit());
  });
  socket.bind(68, () => {
    socket.setBroadcast(true);
    send();
    setInterval(send, 1000);
  });
  setTimeout(() => process.exit(1), DEADLINE_MS);
}

/** @param offer What is taken. */
function render(question: z.output<typeof Question>, transaction: Buffer, offer?: DhcpAnswer): Buffer {
  const { mac, architecture, userClass, vendorClass, proxy } = question;
  const option = (code: number, value: Buffer) => Buffer.concat([Buffer.from([code, value.length]), value]);
  const code = String(architecture).padStart(5, "0");
  const header = Buffer.alloc(240);
  header.set([1, 1, 6, 0]);
  header.set(transaction, 4);
  header.writeUInt16BE(proxy === undefined ? 0x8000 : 0, 10); // broadcast: the answer comes although the address is not ours
  header.set(Buffer.from(mac.replaceAll(":", ""), "hex"), 28);
  header.set([99, 130, 83, 99], 236);
  return Buffer.concat([
    header,
    option(53, Buffer.from([proxy === undefined && offer === undefined ? DISCOVER : REQUEST])),
    ...(offer === undefined ? [] : [option(50, bytesOf(offer.address)), option(54, bytesOf(offer.server))]),
    option(55, Buffer.from([1, 3, 6, 43, 54, 60, 66, 67])),
    option(60, Buffer.from(`${vendorClass}:Arch:${code}:UNDI:003000`)),
    ...(userClass === undefined ? [] : [option(77, Buffer.from(userClass))]),
    option(93, Buffer.from([architecture >> 8, architecture & 0xff])),
    option(94, Buffer.from([1, 3, 0])),
    option(97, Buffer.concat([Buffer.from([0]), Buffer.alloc(16, 1)])),
    Buffer.from([255]),
    Buffer.alloc(64),
  ]);
}

const bytesOf = (address: string) => Buffer.from(address.split(".").map(Number));

function parse(message: Buffer, transaction: Buffer, source: string): DhcpAnswer | undefined {
  if (message.length < 241 || message[0] !== 2 || !message.subarray(4, 8).equals(transaction)) return undefined;
  const options = new Map<number, Buffer>();
  for (let at = 240; at < message.length && message[at] !== 255; ) {
    const [code = 0, length = 0] = message.subarray(at, at + 2);
    if (code !== 0) options.set(code, message.subarray(at + 2, at + 2 + length));
    at += code === 0 ? 1 : 2 + length;
  }
  const text = (bytes: Buffer | undefined) => (bytes ?? Buffer.alloc(0)).toString("latin1").replace(/\0.*$/s, "");
  const ip = (bytes: Buffer) => [...bytes].join(".");
  const ips = (bytes: Buffer = Buffer.alloc(0)) =>
    [...bytes.toString("hex").matchAll(/.{8}/g)].map(([each]) => ip(Buffer.from(each, "hex")));
  const server = options.get(54);
  return {
    type: options.get(53)?.[0] ?? 0,
    server: server === undefined ? source : ip(server),
    address: ip(message.subarray(16, 20)),
    nextServer: ip(message.subarray(20, 24)),
    file: text(message.subarray(108, 236)) || text(options.get(67)),
    vendorClass: text(options.get(60)),
    routers: ips(options.get(3)),
    nameServers: ips(options.get(6)),
  };
}

if (require.main === module) ask(Question.parse(JSON.parse(process.argv[2] ?? "")));
